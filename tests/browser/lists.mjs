// Lists by keyboard: moving, picking, looking in, several at once; filters, views, printing; at a desk and on a phone.
import { Person, walk } from './browser.mjs';

const faults = [];

function must(condition, message) { if (!condition) throw new Error(message); }

async function queue(browser, url) {
  const officer = await Person.signIn(browser, url, 'officer', { width: 1440, script: true, faults });
  const { page } = officer;
  await officer.go('/queue');
  const rows = await page.locator('[data-row]').count();
  must(rows > 3, 'the demonstration has some rows');
  must(!(await page.locator('#bulk').isVisible()), 'nothing is picked, nothing to do with it');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('Shift+X');
  must((await page.textContent('[data-count]')) === '2', 'two rows are picked');
  await page.keyboard.press('k');
  await page.keyboard.press('Space');
  await page.waitForFunction(() => !document.querySelector('#peek').hidden);
  must(page.url().includes('peek='), 'the address names the row');
  await officer.check('/queue peek');
  await officer.shot('02-unit-queue-peek');
  await page.keyboard.press('Escape');
  must(!(await page.locator('#peek').isVisible()) && (await page.textContent('[data-count]')) === '0', 'all is put back');
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.querySelector('.filterbox').open);
  await officer.check('/queue filters');
  await page.selectOption('#f-kind', 'complaint');
  await officer.submit(page.locator('.filterbox__form button'));
  must(page.url().includes('kind=complaint'), 'the filter stands in the address');
  await page.keyboard.press('v');
  await page.keyboard.insertText('投诉件');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  must((await page.textContent('.filters')).includes('投诉件'), 'the view has a name');
  await officer.check('/queue view');
  await page.keyboard.press('?');
  await page.waitForFunction(() => document.querySelector('#keys').open);
  await page.keyboard.press('Escape');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('summary:has-text("导出")').click().then(() => page.click('a[href*="format=csv"]')),
  ]);
  must((await download.suggestedFilename()).endsWith('.csv'), 'it is a table');
  await officer.go('/queue');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await officer.submit(page.locator('#bulk button[value=print]'));
  await officer.check('/queue print');
  await officer.leave();
}

async function others(browser, url, width, script) {
  const office = await Person.signIn(browser, url, 'office', { width, script, faults });
  await office.go('/orders');
  await office.go('/orders?kind=complaint&tab=all');
  if (!script || width > 600) {
    await office.page.locator('input[name=pick]').first().check();
    await office.submit(office.page.locator('#bulk button[value=print]'));
    must((await office.page.textContent('main')).includes('工单处理笺'), 'a slip is printed');
  }
  await office.leave();
  const officer = await Person.signIn(browser, url, 'officer', { width, script, faults });
  await officer.go('/queue?tab=sign');
  await officer.go('/queue');
  if (!script) {
    await officer.page.locator('input[name=pick]').first().check();
    await officer.submit(officer.page.locator('#bulk button[value=sign]'));
    must((await officer.page.textContent('main')).includes('批量签收的结果'), 'each row says what it came to');
    await officer.check('/queue/bulk');
  }
  await officer.leave();
}

await walk(faults, async (browser, url) => {
  await queue(browser, url);
  for (const width of [1440, 1366, 390]) await others(browser, url, width, true);
  await others(browser, url, 1440, false);
});
