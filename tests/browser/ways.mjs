// Ways beside the main road: given back and ruled on, more time, done again, and a unit that files a new handler.
import { Person, walk } from './browser.mjs';

const faults = [];

function must(condition, message) { if (!condition) throw new Error(message); }

async function ways(browser, url, options) {
  const as = (login) => Person.signIn(browser, url, login, { ...options, faults });
  const office = await as('office');
  const officer = await as('officer');
  const action = (no, command) => `/orders/${no}/do/${command}`;

  // A dispute waits in the demonstration: the office rules, once.
  await office.go('/disputes');
  const dispute = office.page.locator('form[action$="/do/rule"]').first();
  if (await dispute.count()) {
    const no = (await dispute.getAttribute('action')).split('/')[2];
    const form = await office.form(action(no, 'rule'));
    await form.locator('[name="unit"]').fill('市水务局');
    await form.locator('[name="note"]').fill('依河道管理职责，由你单位主办。');
    await office.submit(form.locator('button[type=submit]'));
    await office.go(`/orders/${no}`);
    must((await office.page.textContent('main')).includes('裁定'), 'the ruling stands in the order');
  }

  // A matter goes out, more time is asked for and given.
  await office.go('/desk');
  const { page } = office;
  await page.fill('#desk-phone', '13800000555');
  await page.check('[name="kind"][value="complaint"]');
  await page.fill('[name="body"]', `骑楼段夜间施工噪音（${options.width}，${options.script}）。`);
  await page.selectOption('[name="subject"]', '020103');
  await page.fill('[name="lead"]', '市综合行政执法局');
  await office.submit(page.locator('button[value="dispatch"]'));
  const no = (await page.textContent('.page__notice')).match(/\d{8}-\d{4,}/)[0];
  await officer.go('/queue?tab=sign');
  await officer.submit(officer.page.locator(`button[form="sign"][aria-label$="${no}"]`));
  await officer.go(`/orders/${no}`);
  const accept = officer.page.locator(`form[action="${action(no, 'accept')}"] button`);
  if (await accept.count()) await officer.submit(accept.first());
  let form = await officer.form(action(no, 'extend'));
  await form.locator('[name="reason"]').selectOption({ index: 1 });
  await officer.submit(form.locator('button[type=submit]'));
  await office.go(`/orders/${no}`);
  form = await office.form(action(no, 'grant'));
  await office.submit(form.locator('button[type=submit]'));
  await office.go(`/orders/${no}`);
  must((await page.textContent('main')).includes('已同意'), 'the extension is granted');

  // Answered, reviewed, called back, not solved: done again.
  await officer.go(`/orders/${no}`);
  form = await officer.form(action(no, 'feedback'));
  await form.locator('[name="facts.finding"][value="true"]').check();
  await form.locator('[name="facts.unit_dealt_with"]').fill('对责任人谈话提醒。');
  await form.locator('[name="facts.matter_disposed"]').fill('已责令停工。');
  await form.locator('[name="public"]').fill('已责令夜间停工。');
  await officer.submit(form.locator('button[type=submit]'));
  const leader = await as('leader');
  await leader.go('/approvals');
  const grant = leader.page.locator(`form[action="${action(no, 'grant')}"] button.btn--primary`);
  if (await grant.count()) await leader.submit(grant.first());
  await leader.leave();
  await office.go(`/review?case=${no}`);
  await office.submit(page.locator(`form[action="${action(no, 'pass')}"] button`).first());
  const callback = await as('callback');
  await callback.go(`/callback?case=${no}`);
  form = await callback.form(action(no, 'callback-answered'));
  for (const [name, value] of [['contacted', 'true'], ['solved', 'false'], ['satisfied', '1']]) {
    await form.locator(`[name="answers.${name}"][value="${value}"]`).check();
  }
  await callback.submit(form.locator('button[type=submit]'));
  must((await callback.page.textContent('main')).includes('退回重办'), 'the answers suggest doing it again');
  form = await callback.form(action(no, 'redo'));
  const reason = form.locator('select[name="reason"]');
  if (await reason.count()) await reason.selectOption({ index: 1 });
  const note = form.locator('[name="note"]');
  if (await note.count()) await note.fill('昨晚又施工到两点。');
  await callback.submit(form.locator('button[type=submit]'));
  await callback.leave();
  await officer.go('/queue?tab=redo');
  must((await officer.page.textContent('main')).includes(no), 'it is back at the unit');
  await officer.leave();
  await office.leave();
}

async function handler(browser, url, options) {
  const login = `new${options.width}${options.script ? 'y' : 'n'}`;
  const leader = await Person.signIn(browser, url, 'leader', { ...options, faults });
  await leader.go('/unit');
  const form = await leader.form('/unit/person');
  await form.locator('[name="name"]').fill('符健');
  await form.locator('[name="login"]').fill(login);
  await form.locator('[name="phone"]').fill('13800000926');
  await form.locator('[name="position"]').selectOption('handler');
  await leader.submit(form.locator('button[type=submit]'));
  must((await leader.page.textContent('main')).includes('临时密码'), 'the password is shown once');
  await leader.check('/unit password');
  await leader.submit(leader.page.locator('form[action="/unit/file"] button'));
  must((await leader.page.textContent('main')).includes('待回执'), 'the change is filed');
  await leader.leave();
  const office = await Person.signIn(browser, url, 'office', { ...options, faults });
  await office.go('/unit?unit=enforcement');
  await office.page.fill('#receipt-no', `B-${login}`);
  await office.submit(office.page.locator('form[action="/unit/receipt"] button'));
  must((await office.page.textContent('main')).includes(`B-${login}`), 'the receipt stands beside the name');
  await office.leave();
}

await walk(faults, async (browser, url) => {
  for (const [width, script] of [[1440, true], [1366, true], [390, true], [1440, false]]) {
    await ways(browser, url, { width, script });
    await handler(browser, url, { width, script });
    console.error(`walked at ${width}, script ${script ? 'on' : 'off'}`);
  }
});
