/* 12345 公众门户 · 渐进增强脚本
   页面不依赖它即可使用:这里只有深色跟随系统、字号就地切换、本机草稿、复制与出错时的焦点。 */
(function () {
  'use strict';
  var root = document.documentElement;
  var keep = function (key, value) {
    try {
      if (value === undefined) return localStorage.getItem('huiyin.' + key);
      if (value === null) localStorage.removeItem('huiyin.' + key);
      else localStorage.setItem('huiyin.' + key, value);
    } catch (e) { return null; }
  };

  /* 深色:跟随系统 */
  var dark = window.matchMedia && matchMedia('(prefers-color-scheme: dark)');
  var paint = function () { root.dataset.theme = dark && dark.matches ? 'dark' : 'light'; };
  paint();
  if (dark && dark.addEventListener) dark.addEventListener('change', paint);

  /* 字号:不离开页面,服务器记住选择 */
  var looks = ['normal', 'elder', 'largest'];
  document.addEventListener('click', function (event) {
    var button = event.target.closest && event.target.closest('[data-look]');
    if (button && window.fetch) {
      event.preventDefault();
      var look = button.value;
      root.dataset.mode = look === 'normal' ? '' : 'elder';
      root.dataset.zoom = look === 'largest' ? 'max' : '';
      button.value = looks[(looks.indexOf(look) + 1) % 3];
      button.querySelector('span').textContent = button.dataset.look.split('|')[looks.indexOf(look)];
      var base = location.pathname.replace(/\/p(\/.*)?$/, '/p');
      fetch(base + '/look', { method: 'POST', keepalive: true, redirect: 'manual', credentials: 'same-origin', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '_look=' + look });
    }
    var copy = event.target.closest && event.target.closest('[data-copy]');
    if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy);
  });
  document.querySelectorAll('[data-copy]').forEach(function (button) { button.hidden = !navigator.clipboard; });

  /* 本机草稿:只存在这台设备上,提交后清除 */
  var sent = document.querySelector('[data-sent]');
  if (sent) Object.keys(localStorage || {}).filter(function (key) { return key.indexOf('huiyin.draft.') === 0; }).forEach(function (key) { localStorage.removeItem(key); });
  document.querySelectorAll('form[data-keep]').forEach(function (form) {
    var key = 'draft.' + form.dataset.keep;
    var fields = Array.prototype.filter.call(form.elements, function (field) {
      return field.name && field.name.charAt(0) !== '_' && field.name !== 'website' && /^(textarea|text)$/.test(field.type);
    });
    var note = form.querySelector('[data-kept]');
    var kept = {};
    try { kept = JSON.parse(keep(key) || '{}') || {}; } catch (e) { kept = {}; }
    fields.forEach(function (field) {
      if (!field.value && kept[field.name]) { field.value = kept[field.name]; if (note) note.hidden = false; }
    });
    var wait;
    var write = form.keepNow = function () {
      clearTimeout(wait);
      var now = {};
      fields.forEach(function (field) { if (field.value) now[field.name] = field.value; });
      keep(key, JSON.stringify(now));
      if (note) note.hidden = false;
    };
    form.addEventListener('input', function () {
      clearTimeout(wait);
      wait = setTimeout(write, 400);
    });
  });

  /* 没有网络:先问一声服务器在不在;不在就说清楚,内容留在页面和本机,不让浏览器换成出错页 */
  var offline = document.querySelector('[data-offline]');
  var away = function (form, button) {
    if (form.keepNow) form.keepNow();
    if (button) button.removeAttribute('aria-busy');
    offline.hidden = false;
    offline.setAttribute('role', 'alert');
    offline.scrollIntoView({ block: 'center' });
    offline.focus({ preventScroll: true });
  };
  document.addEventListener('submit', function (event) {
    var form = event.target;
    var button = event.submitter;
    if (event.defaultPrevented || !offline || !window.fetch || !form.requestSubmit || form.sure) return;
    event.preventDefault();
    if (form.asking) return;
    form.asking = true;
    if (button) button.setAttribute('aria-busy', 'true');
    var stop = window.AbortController && new AbortController();
    var late = setTimeout(function () { if (stop) stop.abort(); }, 8000);
    fetch('/healthz', { cache: 'no-store', credentials: 'omit', signal: stop ? stop.signal : undefined }).then(function () {
      clearTimeout(late);
      form.asking = false;
      form.sure = true;
      offline.hidden = true;
      form.requestSubmit(button && button.form === form ? button : undefined);
      form.sure = false;
    }, function () {
      clearTimeout(late);
      form.asking = false;
      away(form, button);
    });
  });
  window.addEventListener('online', function () { if (offline) offline.hidden = true; });
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('[aria-busy]').forEach(function (one) { one.removeAttribute('aria-busy'); });
  });

  /* 出错时读屏与键盘先到错误处 */
  var alert = document.querySelector('.alert[role="alert"]') || document.querySelector('[data-said]');
  if (alert) alert.focus();
})();
