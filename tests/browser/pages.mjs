// Every staff page, as those who work on it see it: axe in light and dark, at a desk, on a small screen and on a phone, no
// sideways scroll; with SCREENSHOTS=1 a picture of each beside the design's names.
import { Person, walk } from './browser.mjs';

const faults = [];

// Login, page, name of its picture.
const PAGES = [
  ['agent', '/desk', '01-agent-desk'],
  ['agent', '/desk/drafts', 'drafts'],
  ['agent', '/intake', '10-intake'],
  ['agent', '/intake/contacts', '10-intake-unparsed'],
  ['agent', '/orders/new', 'register'],
  ['agent', '/desk-items', 'desk-items'],
  ['officer', '/queue', '02-unit-queue'],
  ['officer', '/queue?tab=asked', null],
  ['officer', '/queue?tab=over&kind=praise', null],
  ['officer', '/unit', '13-unit'],
  ['officer', '/notices', 'notices'],
  ['leader', '/approvals', '12-approvals'],
  ['leader', '/unit', null],
  ['office', '/dispatch', '07-dispatch'],
  ['office', '/review', '11-review'],
  ['office', '/review?tab=extension', '11-review-extension'],
  ['office', '/review?tab=rest', '11-review-shelving'],
  ['office', '/disputes', 'disputes'],
  ['office', '/orders', 'orders'],
  ['office', '/orders?tab=closed', null],
  ['office', '/people', 'people'],
  ['office', '/notices', null],
  ['callback', '/callback', '05-callback'],
  ['subcentre', '/queue', null],
  ['mayor', '/orders', null],
  ['admin', '/admin/units', 'admin-units'],
  ['admin', '/admin/people', 'admin-people'],
  ['admin', '/admin/calendar', 'admin-calendar'],
  ['admin', '/admin/keys', 'admin-keys'],
  ['admin', '/admin/audit', 'admin-audit'],
  ['admin', '/me', 'me'],
  ['editor', '/notices', null],
  ['office', '/admin/modes', 'admin-modes'],
  ['office', '/admin/rules', '08-rules'],
  ['office', '/admin/rules?section=parameter&entry=return.per_unit', null],
  ['office', '/admin/rules/versions', '08-rules-versions'],
  ['office', '/admin/rules/versions/edit?file=clocks.toml', null],
];

async function look(browser, url, width, dark, language = 'zh') {
  const people = new Map();
  for (const [login, path, picture] of PAGES) {
    if (!people.has(login)) {
      const person = await Person.signIn(browser, url, login, { width, script: true, language, faults });
      if (dark) await person.page.evaluate(() => localStorage.setItem('theme', 'dark'));
      people.set(login, person);
    }
    const person = people.get(login);
    await person.go(path);
    if (language !== 'zh') {
      if (process.env.SCREENSHOTS && process.env.SCREENSHOTS !== '1' && picture) await person.shot(`${picture}-${language}`);
      continue;
    }
    if (picture && (!dark || picture === '02-unit-queue') && width !== 1366) {
      // A phone's picture only of what is designed for one.
      if (width > 600 || /^\d/.test(picture)) await person.shot(dark ? `${picture}-dark` : picture);
    }
  }
  // An order that is well on its way, and its slip.
  const officer = people.get('officer');
  await officer.go('/queue');
  const href = await officer.page.locator('[data-row] a.cell__title').first().getAttribute('href');
  await officer.go(href);
  if (!dark && (language === 'zh' || process.env.SCREENSHOTS !== '1')) await officer.shot(language === 'zh' ? '03-order-detail' : `03-order-detail-${language}`);
  await officer.go(`${href}/print`);
  if (!dark && language === 'zh') await officer.shot('03-order-slip-print');
  for (const person of people.values()) await person.leave();
  console.error(`looked at ${PAGES.length + 2} pages at ${width}, ${dark ? 'dark' : 'light'}, ${language}`);
}

await walk(faults, async (browser, url) => {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const visitor = new Person(page, url, 1440, true, faults);
  await visitor.go('/login');
  await visitor.shot('09-login');
  await visitor.go('/tour');
  await visitor.shot('tour');
  await page.setViewportSize({ width: 390, height: 844 });
  const small = new Person(page, url, 390, true, faults);
  await small.go('/tour');
  await small.go('/login');
  for (const [width, dark] of [[1440, false], [1440, true], [1366, false], [390, false], [390, true]]) {
    await look(browser, url, width, dark);
  }
  // English words are longer.
  for (const width of [1440, 390]) await look(browser, url, width, false, 'en');
});
