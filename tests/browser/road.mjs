// The main road through the pages: a call comes in, is dispatched, handled, reviewed, called back and closed; with script
// and without, on a desk and on a phone. Every page on the way is looked at by axe.
//
//   HUIYIN_BIN=target/debug/huiyin npm test
//   SCREENSHOTS=1 also keeps pictures in docs/screenshots.
import { Person, walk } from './browser.mjs';

const faults = [];

function must(condition, message) { if (!condition) throw new Error(message); }

async function road(browser, url, options) {
  const as = (login) => Person.signIn(browser, url, login, { ...options, faults });
  const title = `大东海夜市占道（${options.width}，${options.script ? '有' : '无'}脚本）`;

  // A call-taker registers it, looking at the limits first.
  const agent = await as('agent');
  await agent.go('/intake');
  await agent.go('/orders/new');
  const page = agent.page;
  await page.fill('[name="title"]', title);
  await page.fill('[name="body"]', '每晚六家排档摆到人行道，盲道被占，油烟直排。希望清理并电话告知。');
  await page.fill('[name="claimant.name"]', '林某');
  await page.fill('[name="claimant.phone"]', '13800138000');
  await page.check('[name="kind"][value="complaint"]');
  await page.selectOption('[name="subject"]', '020103');
  await agent.submit(page.locator('button[value="preview"]'));
  must((await page.textContent('#limits')).includes('办结时限'), 'the limits are shown before anything is stored');
  must((await page.inputValue('[name="title"]')) === title, 'what was typed is kept');
  await agent.check('/orders/new preview');
  await agent.submit(page.locator('button[value="register"]'));
  const no = new URL(page.url()).pathname.split('/').pop();
  must(/^\d{8}-\d{4,}$/.test(no), `registered: ${page.url()}`);
  await agent.check('/orders/{no} registered');
  await agent.leave();
  const action = (command) => `/orders/${no}/do/${command}`;

  // The office dispatches it to the unit the rules suggest.
  const office = await as('office');
  await office.go(`/dispatch?case=${no}`);
  let form = await office.form(action('dispatch'));
  must(await form.locator('[name="lead"]:checked').count() === 1, 'a unit is suggested');
  must((await form.locator('[name="lead"]:checked').inputValue()) === 'enforcement', 'the one of its subject');
  await form.locator('[name="note"]').fill('请今晚到场处置，并电话告知诉求人。');
  await office.submit(form.locator('button[type=submit]'));
  must((await office.page.textContent('main')).includes(`${no} 已派单`), 'it says so');

  // The unit signs from its list, takes it up, and answers.
  const officer = await as('officer');
  await officer.go('/queue?tab=sign');
  await officer.go('/queue');
  await officer.submit(officer.page.locator(`button[form="sign"][aria-label$="${no}"]`));
  await officer.go(`/orders/${no}`);
  const accept = officer.page.locator(`form[action="${action('accept')}"] button`);
  if (await accept.count()) await officer.submit(accept.first());
  form = await officer.form(action('progress'));
  await form.locator('[name="text"]').fill('现场已约谈经营者，今晚清退。');
  await officer.submit(form.locator('button[type=submit]'));
  // First without what its kind needs: refused, and nothing typed is lost.
  form = await officer.form(action('feedback'));
  await form.locator('[name="facts.finding"][value="true"]').check();
  await form.locator('[name="facts.unit_dealt_with"]').fill('对辖区中队责任人谈话提醒。');
  await form.locator('[name="internal"]').fill('六家占道，二家未用净化设施，已立案。');
  await form.locator('[name="public"]').fill('您反映的问题属实，已清退占道桌椅，二家立案调查。');
  await officer.submit(form.locator('button[type=submit]'));
  const said = await officer.page.textContent('main');
  must(said.includes('办结要件不全') && said.includes('对事件和物品的处置'), 'it says what is missing');
  await officer.check('/orders/{no} refused');
  await officer.shot('refused');
  form = await officer.form(action('feedback'));
  must((await form.locator('[name="internal"]').inputValue()).startsWith('六家占道'), 'what was typed is kept');
  await form.locator('[name="facts.matter_disposed"]').fill('已清退桌椅，立案二件。');
  await officer.submit(form.locator('button[type=submit]'));
  await officer.go(`/orders/${no}`);
  await officer.leave();

  // Where the unit's leader approves, that comes first.
  const leader = await as('leader');
  await leader.go('/approvals');
  const grant = leader.page.locator(`form[action="${action('grant')}"] button.btn--primary`);
  if (await grant.count()) await leader.submit(grant.first());
  await leader.go('/queue');
  await leader.leave();

  // The office reviews it.
  await office.go(`/review?case=${no}`);
  must((await office.page.textContent('main')).includes('条件齐备'), 'every condition is met');
  await office.submit(office.page.locator(`form[action="${action('pass')}"] button`));
  await office.go('/orders');
  await office.go('/people');
  await office.go('/desk-items');

  // The claimant is called, and it ends.
  const callback = await as('callback');
  await callback.go(`/callback?case=${no}`);
  form = await callback.form(action('callback-answered'));
  for (const [name, value] of [['contacted', 'true'], ['solved', 'true'], ['satisfied', '5']]) {
    await form.locator(`[name="answers.${name}"][value="${value}"]`).check();
  }
  await form.locator('[name="answers.said"]').fill('当晚就清走了，谢谢。');
  await callback.submit(form.locator('button[type=submit]'));
  must((await callback.page.textContent('main')).includes('建议办结'), 'the answers suggest closing');
  await callback.check('/callback answered');
  await callback.submit(callback.page.locator(`form[action="${action('close')}"] button`));
  await callback.go(`/orders/${no}`);
  must((await callback.page.textContent('main')).includes('已办结 · 办理完毕'), 'it is closed');
  await callback.leave();

  await office.go(`/orders/${no}`);
  await office.go('/me');
  await office.leave();
}

await walk(faults, async (browser, url) => {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const visitor = new Person(page, url, 1440, true, faults);
  await visitor.go('/login');
  for (const width of [1440, 1366, 390]) {
    for (const script of [true, false]) {
      const started = Date.now();
      await road(browser, url, { width, script });
      console.error(`walked at ${width}, script ${script ? 'on' : 'off'}, in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  }
});
