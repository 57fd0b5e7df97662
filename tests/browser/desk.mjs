// The desk by keyboard alone: a known claimant's matter is looked up, registered and dispatched in at most 15 keystrokes
// besides text; then the same at other widths, and once without script by the mouse.
import { Person, walk } from './browser.mjs';

const faults = [];

function must(condition, message) { if (!condition) throw new Error(message); }

// Types by the keyboard only. A chord counts each of its keys.
class Keys {
  constructor(page) { Object.assign(this, { page, count: 0 }); }

  async press(key) { this.count += key.split('+').length; await this.page.keyboard.press(key); }

  async text(text) { await this.page.keyboard.insertText(text); await this.page.evaluate(() => document.activeElement.dispatchEvent(new Event('input', { bubbles: true }))); }

  async is(name) {
    const at = await this.page.evaluate(() => document.activeElement.name || document.activeElement.getAttribute('aria-label') || document.activeElement.id);
    must(at === name, `the focus is at \`${at}\`, not at \`${name}\``);
  }
}

async function byKeyboard(browser, url, width) {
  const agent = await Person.signIn(browser, url, 'agent', { width, script: true, faults });
  const { page } = agent;
  // The number must be known: one call before.
  await agent.go('/desk');
  const keys = new Keys(page);
  await keys.is('claimant.phone');
  await keys.text('138 0013 8000');
  await keys.press('Enter');
  await page.waitForFunction(() => document.querySelector('#desk-caller .orderno'));
  must((await page.inputValue('[name="claimant.name"]')).length > 0, 'the name of the last call is filled in');
  await keys.is('kind');
  await keys.press('3');
  await keys.press('Tab');
  await keys.is('title');
  await keys.press('Tab');
  await keys.is('body');
  await keys.text('大东海广场北侧排档夜里摆到人行道，盲道被占。希望清理并电话告知。');
  await keys.press('Tab');
  await keys.text('占道');
  await keys.press('Tab');
  await keys.is('subject');
  await keys.press('Tab');
  await keys.text('吉阳');
  await keys.press('Tab');
  await keys.is('area');
  await keys.press('Tab');
  await keys.is('place');
  await keys.text('榆亚路大东海广场北侧');
  await page.waitForFunction(() => document.querySelector('#desk-limits .cite') && document.querySelector('[name="lead"]').value);
  await agent.check('/desk filled');
  await agent.shot('01-agent-desk-filled');
  await Promise.all([page.waitForNavigation(), keys.press('Control+Enter')]);
  must((await page.textContent('main')).includes('已派单'), `it is dispatched: ${await page.textContent('main')}`);
  must(keys.count <= 15, `${keys.count} keystrokes besides text`);
  console.error(`registered and dispatched at ${width} in ${keys.count} keystrokes besides text`);
  await agent.leave();
}

async function byForm(browser, url) {
  const agent = await Person.signIn(browser, url, 'agent', { width: 1366, script: false, faults });
  const { page } = agent;
  await agent.go('/desk');
  await page.fill('#desk-phone', '13800138000');
  await agent.submit(page.locator('button[value="find"]'));
  must(await page.locator('#desk-caller .orderno').count() > 0, 'what it raised is listed');
  await page.check('[name="kind"][value="complaint"]');
  await page.fill('[name="body"]', '路口积水，行人绕行。希望疏通。');
  await page.selectOption('[name="subject"]', '020103');
  await agent.submit(page.locator('button[value="preview"]'));
  must(await page.locator('#desk-limits .cite').count() > 0, 'the limits are shown with their rules');
  must((await page.inputValue('[name="lead"]')).length > 0, 'a unit is suggested');
  await agent.submit(page.locator('button[value="dispatch"]'));
  must((await page.textContent('main')).includes('已派单'), 'it is dispatched');
  await agent.leave();
}

// What is half written outlives a reload and signing out.
async function drafts(browser, url) {
  const agent = await Person.signIn(browser, url, 'agent', { width: 1440, script: true, faults });
  let { page } = agent;
  await agent.go('/desk');
  await page.fill('[name="body"]', '公交站台雨棚漏水，等车的人淋雨。');
  await page.waitForFunction(() => document.querySelector('#desk [data-saved]').textContent.includes('草稿已存'), null, { timeout: 8000 });
  must(page.url().includes('?draft='), 'the address names the draft');
  await page.fill('[name="place"]', '迎宾路公交站');
  // Gone before the three seconds are over.
  await page.reload();
  must((await page.inputValue('[name="body"]')).startsWith('公交站台'), 'it is there after a reload');
  await agent.leave();
  const again = await Person.signIn(browser, url, 'agent', { width: 390, script: true, faults });
  page = again.page;
  await again.go('/desk/drafts');
  await page.click('a:has-text("公交站台")');
  await page.waitForURL(/draft=/);
  must((await page.inputValue('[name="place"]')) === '迎宾路公交站', 'what was typed last was saved on leaving');
  await again.go('/desk/drafts');
  await again.submit(page.locator('form[action$="/discard"] button').first());
  must((await page.textContent('main')).includes('没有草稿'), 'it can be thrown away');
  await again.check('/desk/drafts empty');
  await again.leave();
}

await walk(faults, async (browser, url) => {
  // A first call, so that the number is known.
  const first = await Person.signIn(browser, url, 'agent', { faults });
  await first.go('/desk');
  await first.page.fill('#desk-phone', '13800138000');
  await first.page.check('[name="kind"][value="help"]');
  await first.page.fill('[name="body"]', '路灯不亮已三天。');
  await first.page.fill('[name="claimant.name"]', '林某');
  await first.page.selectOption('[name="subject"]', '020103');
  await first.submit(first.page.locator('button[value="register"]'));
  await first.leave();
  for (const width of [1440, 1366, 390]) await byKeyboard(browser, url, width);
  await byForm(browser, url);
  await drafts(browser, url);
});
