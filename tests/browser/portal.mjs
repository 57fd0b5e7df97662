// The public pages in a real browser: a matter is sent, followed, added to and rated, in three languages, at three widths,
// with script and without, in large letters and in the dark. Every page on the way is looked at by axe.
//
//   HUIYIN_BIN=target/debug/huiyin node portal.mjs
//   SCREENSHOTS=1 also keeps pictures in docs/screenshots.
import { createServer } from 'node:http';
import { Person, walk } from './browser.mjs';

const faults = [];
const BASES = { zh: '/p', en: '/en/p', ru: '/ru/p' };
const WHAT = {
  zh: '昨晚十点后，海月广场北边的排档把桌子摆到人行道上，盲道也占了，音响很响。希望清理并降低音量。',
  en: 'The hotel in Haitang Bay does not return a deposit of 800 yuan. I leave on Saturday.',
  ru: 'Отель в бухте Хайтан не возвращает залог 800 юаней, хотя бронь отменена вовремя. Улетаю в субботу.',
};

function must(condition, message) { if (!condition) throw new Error(message); }

async function visitor(browser, url, { width, script = true, dark = false, language = 'zh' }) {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    javaScriptEnabled: script,
    colorScheme: dark ? 'dark' : 'light',
    locale: { zh: 'zh-CN', en: 'en-GB', ru: 'ru-RU' }[language],
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const person = new Person(page, url, width, script, faults);
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (410|422|429)/.test(message.text())) faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  return person;
}

const primary = (person) => person.page.locator('.stickybar .btn--primary');

// Through the three steps; the number and the code.
async function submit(person, base, language, look) {
  const { page } = person;
  const name = (step) => `${base} ${step} ${look}`;
  await person.go(`${base}/new/1`);
  await person.check(name('matter'));
  // First with nothing in it: said, and nothing lost.
  await person.submit(primary(person));
  must(await page.locator('[role=alert]').count() === 1, 'what is missing is said');
  await person.check(name('matter wrong'));
  await page.check('[name=kind][value=complaint]', { force: true });
  await page.fill('#what', WHAT[language]);
  await person.submit(primary(person));
  must(await page.inputValue('#what') === WHAT[language], 'what was typed is kept');
  await page.fill('#place', '海月广场北门');
  await page.setInputFiles('#files', { name: 'photo.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') });
  await person.shot(`portal-submit-${language}${look}`);
  await person.submit(primary(person));
  if (page.url().endsWith('/similar')) {
    await person.check(name('similar'));
    await person.submit(primary(person));
  }
  must(page.url().endsWith('/new/2'), page.url());
  await person.check(name('contact'));
  await page.fill('#name', '陈某');
  await page.fill('#phone', '123');
  await page.keyboard.press('Enter');
  await page.waitForURL(/check=1/);
  await person.check(name('contact wrong'));
  await page.fill('#phone', '13800002046');
  await person.shot(`portal-submit-2-${language}${look}`);
  await person.submit(primary(person));
  must(page.url().endsWith('/new/3'), page.url());
  await person.check(name('check'));
  // Back, and forth again: everything stands there.
  await page.goBack();
  must(await page.inputValue('#phone') === '13800002046', 'back loses nothing');
  await person.submit(primary(person));
  await person.shot(`portal-submit-3-${language}${look}`);
  await page.check('#agree');
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  await person.submit(primary(person));
  must(page.url().includes('/done/'), `${page.url()} ${await page.textContent('main')}`);
  await person.check(name('done'));
  await person.shot(`portal-done-${language}${look}`);
  return [await page.textContent('#done-no'), (await page.textContent('#done-code')).replace(' ', '')];
}

async function open(person, base, no, code) {
  const { page } = person;
  await person.go(`${base}/track`);
  await page.fill('#no', no);
  await page.fill('#code', code);
  await person.submit(page.locator(`form[action="${base}/track"] button[type=submit]`));
}

// Handled by the staff, up to the call back.
async function handle(browser, url, no) {
  const as = (login) => Person.signIn(browser, url, login, { width: 1440, faults });
  const action = (command) => `/orders/${no}/do/${command}`;
  const agent = await as('agent');
  await agent.go(`/orders/${no}`);
  let form = await agent.form(action('register'));
  await form.locator('[name="kind"]').first().evaluate((node) => node.tagName) === 'SELECT'
    ? await form.locator('[name="kind"]').selectOption('help')
    : await form.locator('[name="kind"][value="help"]').check({ force: true });
  await form.locator('[name="subject"]').selectOption('020103');
  await agent.submit(form.locator('button[type=submit]').last());
  await agent.leave();
  const office = await as('office');
  await office.go(`/dispatch?case=${no}`);
  form = await office.form(action('dispatch'));
  await office.submit(form.locator('button[type=submit]'));
  const officer = await as('officer');
  await officer.go(`/orders/${no}`);
  await officer.submit(officer.page.locator(`form[action="${action('sign')}"] button`).first());
  await officer.go(`/orders/${no}`);
  const accept = officer.page.locator(`form[action="${action('accept')}"] button`);
  if (await accept.count()) await officer.submit(accept.first());
  // What the claimant added is read first.
  form = await officer.form(action('acknowledge'));
  await officer.submit(form.locator('button[type=submit], button:not([type])').first());
  await officer.go(`/orders/${no}`);
  form = await officer.form(action('feedback'));
  await form.locator('[name="facts.finding"][value="lawful"]').check({ force: true });
  await form.locator('[name="facts.solved"][value="true"]').first().check({ force: true });
  await form.locator('[name="facts.measures"]').first().fill('已清退并巡查。');
  await form.locator('[name="internal"]').fill('已现场处置。');
  await form.locator('[name="public"]').fill('占道桌椅已清退，连续七天夜间巡查。');
  await officer.submit(form.locator('button[type=submit]').last());
  must(!(await officer.page.textContent('main')).includes('要件不全'), 'the answer has what its kind needs');
  await officer.leave();
  const leader = await as('leader');
  await leader.go('/approvals');
  const grant = leader.page.locator(`form[action="${action('grant')}"] button.btn--primary`);
  if (await grant.count()) await leader.submit(grant.first());
  await leader.leave();
  await office.go(`/review?case=${no}`);
  await office.submit(office.page.locator(`form[action="${action('pass')}"] button`));
  await office.leave();
}

async function journey(browser, url, options) {
  const { language, look = '' } = options;
  const mark = `${look}${options.dark ? '-dark' : ''}${options.width === 320 ? '-320' : ''}`;
  const base = BASES[language];
  const person = await visitor(browser, url, options);
  const { page } = person;
  await person.go(`${base}/`);
  if (look) {
    for (let n = look === '-largest' ? 2 : 1; n > 0; n -= 1) {
      await page.locator('[data-look]').click();
      if (options.script === false) await page.waitForLoadState();
    }
    await page.waitForTimeout(300);
    await person.go(`${base}/`);
    must(await page.getAttribute('html', 'data-mode') === 'elder', 'large letters stay');
  }
  await person.check(`${base}/ ${look}`);
  await person.shot(`portal-home-${language}${mark}`);
  for (const statement of ['accessibility', 'privacy']) {
    await person.go(`${base}/${statement}`);
    await person.check(`${base}/${statement} ${look}`);
  }
  const [no, code] = await submit(person, base, language, mark);
  await open(person, base, no, code === '000000' ? '000001' : '000000');
  must(await page.locator('[role=alert]').count() === 1, 'a wrong code is said');
  await person.check(`${base} ask wrong ${look}`);
  await open(person, base, no, code);
  must(page.url().includes(`/track/${no}`), page.url());
  await person.check(`${base} track ${look}`);
  await page.fill('#text', '今晚又摆出来了。');
  await person.submit(page.locator(`form[action="${base}/track/${no}/add"] button`));
  must(page.url().includes('said=added'), page.url());
  await person.shot(`portal-track-${language}${mark}`);
  if (options.rate) {
    await handle(browser, url, no);
    await open(person, base, no, code);
    await person.submit(page.locator(`form[action="${base}/track/${no}/rate"] button`));
    await person.check(`${base} rate ${look}`);
    await person.shot(`portal-rate-${language}${mark}`);
    for (const [name, value] of [['solved', 'partly'], ['satisfied', '3'], ['contacted', 'yes']]) await page.check(`[name=${name}][value="${value}"]`, { force: true });
    await page.fill('#said', '桌子清走了，音响还响。');
    await person.submit(primary(person));
    must(await page.locator('[data-sent]').count() === 1, 'it says thank you');
    await person.check(`${base} rated ${look}`);
  }
  const over = await page.goto(`${url}${base}/rate/none`);
  must(over.status() === 410, 'a link that is over says so');
  await person.check(`${base} rate over ${look}`);
  await person.leave();
}

// The second way to follow a matter: by a code sent to its phone. Texts that were sent lie in `sent`.
async function phone(browser, url, options, sent) {
  const { language } = options;
  const base = BASES[language];
  const mark = `-${options.width}${options.script === false ? '-plain' : ''}`;
  const person = await visitor(browser, url, options);
  const { page } = person;
  const ask = async (number) => {
    await person.go(`${base}/track`);
    await page.fill('#phone', number);
    await person.submit(page.locator(`form[action="${base}/track/phone"] button[type=submit]`));
  };
  const show = async (code) => {
    await page.fill('#code', code);
    await person.submit(page.locator(`form[action="${base}/track/code"] button[type=submit]`));
  };
  const [no] = await submit(person, base, language, mark);
  await ask('12');
  must(await page.locator('[role=alert]').count() === 1, 'what is no number is said');
  await person.check(`${base} phone wrong`);
  sent.length = 0;
  await ask('13800002046');
  await person.check(`${base} phone code`);
  await person.shot(`portal-phone-${language}${mark}`);
  let code;
  for (let n = 0; n < 300 && !code; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    code = sent.map((text) => /(?<!\d)\d{6}(?!\d)/.exec(text.replaceAll(/\d{8}-\d{4}/g, ''))).find(Boolean)?.[0];
  }
  must(code, 'a code came');
  await show(code === '000000' ? '000001' : '000000');
  must(await page.locator('[role=alert]').count() === 1, 'a wrong code is said');
  await show(code);
  must(page.url().endsWith('/track/mine'), page.url());
  await person.check(`${base} mine`);
  await person.shot(`portal-mine-${language}${mark}`);
  await person.submit(page.locator('form', { has: page.locator(`[name=no][value="${no}"]`) }).locator('button'));
  must(page.url().includes(`/track/${no}`), page.url());
  // Good once.
  await page.context().clearCookies();
  await ask('13999990000');
  await show(code);
  must(await page.locator('[role=alert]').count() === 1, 'a code of another phone opens nothing');
  await person.leave();
}

// What the first page weighs on the wire, all it needs included.
async function weigh(browser, url) {
  const person = await visitor(browser, url, { width: 390 });
  const session = await person.page.context().newCDPSession(person.page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await person.page.goto(`${url}/p/`, { waitUntil: 'networkidle' });
  console.error(`first page: ${(bytes / 1000).toFixed(1)} kB on the wire`);
  if (bytes >= 100_000) faults.push(`the first page weighs ${bytes} bytes`);
  await person.leave();
}

const sent = [];
const gateway = createServer((request, response) => {
  sent.push(new URL(request.url, 'http://gateway').searchParams.get('text'));
  response.end('ok');
});
await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve));
await walk(faults, async (browser, url) => {
  await weigh(browser, url);
  const walks = [];
  for (const language of ['zh', 'en', 'ru']) for (const width of [1440, 390, 320]) walks.push({ language, width });
  walks.push(
    { language: 'zh', width: 390, rate: true },
    { language: 'zh', width: 390, script: false, rate: true },
    { language: 'ru', width: 320, dark: true },
    { language: 'zh', width: 1440, dark: true },
    { language: 'zh', width: 320, look: '-elder' },
    { language: 'ru', width: 320, look: '-largest' },
    { language: 'zh', width: 390, look: '-largest', dark: true },
  );
  for (const options of walks.filter((options) => !process.env.ONLY || JSON.stringify(options).includes(process.env.ONLY))) {
    const started = Date.now();
    try {
      await journey(browser, url, options);
    } catch (error) {
      faults.push(`${JSON.stringify(options)}: ${error.stack}`);
    }
    console.error(`walked ${JSON.stringify(options)} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
  // One number asks three times before it waits.
  for (const options of [{ language: 'zh', width: 1440 }, { language: 'ru', width: 320 }, { language: 'en', width: 390, script: false }]) {
    await phone(browser, url, options, sent);
  }
  console.error('followed by phone');
}, { config: `[sms]\nurl = "http://127.0.0.1:${gateway.address().port}/?to={to}&text={text}"\n` });
gateway.close();
