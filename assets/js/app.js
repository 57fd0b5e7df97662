/* 12345 热线平台 · 渐进增强脚本
   页面不依赖它即可使用:这里只有主题、长辈模式、倒计时、列表键盘、下拉筛选与快捷键帮助。 */
(function () {
  'use strict';
  var root = document.documentElement;
  var $ = function (s, el) { return (el || document).querySelector(s); };
  var $$ = function (s, el) { return Array.prototype.slice.call((el || document).querySelectorAll(s)); };
  root.dataset.js = '';
  /* 服务端把本页语言的用语放在脚本前面 */
  function say(key, put) { return WORDS[key].replace(/\{(\w+)\}/g, function (all, name) { return put[name]; }); }

  /* 主题:本机记忆 > 页面默认 */
  function store(k, v) { try { if (v === undefined) return localStorage.getItem(k); localStorage.setItem(k, v); } catch (e) { return null; } }
  var theme = store('theme');
  if (theme) root.dataset.theme = theme;
  if (store('density')) root.dataset.density = store('density');
  /* 个人设置里的界面选项:存在这台机器上 */
  $$('[data-pref]').forEach(function (f) {
    var name = f.dataset.pref, now = store(name);
    if (f.type === 'checkbox') f.checked = f.hasAttribute('data-off') ? now === 'on' : now !== 'off'; else f.value = now || '';
    f.addEventListener('change', function () {
      store(name, f.type === 'checkbox' ? (f.checked ? 'on' : 'off') : f.value);
      /* 打开时响一次:知道是什么声音,浏览器也由此允许本页发声 */
      if (name === 'sound' && f.checked) tone();
      if (name === 'theme' || name === 'density') { if (f.value) root.dataset[name] = f.value; else delete root.dataset[name]; }
    });
  });
  /* Safari 15.4、Firefox 98 之前没有 showModal */
  function openDialog(d) { if (d) { if (d.showModal) d.showModal(); else d.setAttribute('open', ''); } }

  document.addEventListener('click', function (e) {
    var b = e.target.closest('[data-action]');
    if (b && b.dataset.action === 'theme') {
      root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
      store('theme', root.dataset.theme);
      document.dispatchEvent(new Event('themechange'));
    } else if (b && b.dataset.action === 'keys') {
      openDialog($('#keys'));
    }
    /* 指向折叠操作的链接:先打开它 */
    var a = e.target.closest('a[href^="#"]');
    var d = a && document.getElementById(a.getAttribute('href').slice(1));
    if (d && d.tagName === 'DETAILS') { d.open = true; var f = $('input:not([type=hidden]), select, textarea', d); if (f) setTimeout(function () { f.focus(); }); }
    /* 个人菜单:点别处收起 */
    $$('details.menu[open]').forEach(function (m) { if (!m.contains(e.target)) m.open = false; });
  });

  /* 倒计时:服务端下发剩余秒数 data-left,客户端只做递减,不信任本机时钟 */
  var t0 = Date.now();
  var pad = function (n) { return (n < 10 ? '0' : '') + n; };
  function fmt(s) {
    var neg = s < 0; s = Math.abs(s);
    var d = Math.floor(s / 86400), h = Math.floor(s % 86400 / 3600), m = Math.floor(s % 3600 / 60);
    var t = d ? say('left-days', { days: d, hours: h }) : h ? say('left-hours', { hours: h, minutes: pad(m) }) : say('left-minutes', { minutes: m, seconds: pad(Math.floor(s % 60)) });
    return say(neg ? 'left-over' : 'left-left', { text: t });
  }
  function tick() {
    var now = Date.now();
    $$('[data-left]').forEach(function (c) {
      if (!c.t0) c.t0 = document.readyState === 'complete' ? now : t0;
      c.textContent = fmt(+c.dataset.left - Math.floor((now - c.t0) / 1000));
    });
  }
  tick(); setInterval(tick, 1000);

  /* 长下拉:加一个筛选框 */
  $$('select[data-filter]').forEach(function (sel) {
    var box = document.createElement('input');
    box.type = 'search'; box.className = 'input'; box.autocomplete = 'off';
    box.placeholder = sel.dataset.filter; box.setAttribute('aria-label', sel.dataset.filter);
    sel.parentNode.insertBefore(box, sel);
    var all = $$('option', sel).map(function (o) {
      var g = o.parentNode.tagName === 'OPTGROUP' ? o.parentNode : null;
      return { o: o, g: g, t: (o.textContent + ' ' + (g ? g.label : '')).toLowerCase() };
    });
    box.addEventListener('input', function () {
      var q = box.value.trim().toLowerCase(), first = null;
      all.forEach(function (x) {
        var hit = !q || !x.o.value || x.t.indexOf(q) >= 0;
        x.o.hidden = !hit; x.o.disabled = !hit;
        if (hit && q && x.o.value && !first) first = x.o;
      });
      $$('optgroup', sel).forEach(function (g) { g.hidden = !$$('option', g).some(function (o) { return !o.hidden; }); });
      if (first) sel.value = first.value;
    });
    box.addEventListener('keydown', function (e) { if (e.key === 'Enter') { e.preventDefault(); sel.focus(); } });
  });

  /* 只在某一选项下要填的项:data-when="选项 选项",所属选项名 data-of */
  function when(form) {
    $$('[data-when]', form).forEach(function (p) {
      var on = $('[name="' + p.dataset.of + '"]:checked', form);
      var hit = !!on && p.dataset.when.split(' ').indexOf(on.value) >= 0;
      p.hidden = !hit;
      /* 隐去的不提交:换了结论,别的结论下的勾选不该跟着走 */
      $$('input, textarea, select', p).forEach(function (f) { f.disabled = !hit; });
    });
  }
  $$('form').forEach(function (form) {
    if (!$('[data-when]', form) && !form.hasAttribute('data-preview')) return;
    form.addEventListener('change', function () { when(form); });
    when(form);
  });

  /* 坐席台:改了号码、类型、事项,就取一次时限、历史与建议;正在填的不动 */
  var desk = $('form[data-preview]');
  if (desk) {
    var asking = 0, late = 0;
    var PARTS = ['desk-caller', 'desk-counts', 'desk-same', 'desk-limits', 'desk-around', 'desk-answer'];
    var preview = function (how) {
      var mine = ++asking, data = new URLSearchParams();
      new FormData(desk).forEach(function (v, k) { if (typeof v === 'string') data.append(k, v); });
      data.set('_do', how);
      fetch(desk.action, { method: 'POST', body: data, credentials: 'same-origin' }).then(function (r) { return r.text(); }).then(function (t) {
        if (mine !== asking) return;
        var doc = new DOMParser().parseFromString(t, 'text/html'), fresh = $('form[data-preview]', doc);
        if (!fresh) return;
        PARTS.forEach(function (id) {
          var old = document.getElementById(id), now = doc.getElementById(id);
          if (old && now && !old.contains(document.activeElement) && old.innerHTML !== now.innerHTML) old.innerHTML = now.innerHTML;
        });
        var was = desk.elements._lead, is = fresh.elements._lead, lead = desk.elements.lead;
        if (was && is && lead) { if (!lead.value || lead.value === was.value) lead.value = is.value; was.value = is.value; }
        if (how === 'find') ['claimant.name', 'claimant.address', 'claimant.language'].forEach(function (n) {
          var f = desk.elements[n], g = fresh.elements[n];
          if (f && g && !f.value) f.value = g.value;
        });
        when(desk);
      }, function () {});
    };
    desk.addEventListener('change', function (e) {
      if (/^(kind|subject|area|urgency|claimant\.anonymous|body|place|lead)$/.test(e.target.name)) { clearTimeout(late); late = setTimeout(preview, 80, 'preview'); }
    });
    var phone = $('#desk-phone'), looked = phone.value;
    phone.addEventListener('keydown', function (e) {
      if (e.key !== 'Enter' || e.ctrlKey) return;
      e.preventDefault();
      looked = phone.value;
      preview('find');
      var first = $('[name=kind]:checked', desk) || $('[name=kind]', desk);
      if (first) first.focus();
    });
    phone.addEventListener('change', function () { if (phone.value !== looked) preview('preview'); });
    document.addEventListener('keydown', function (e) {
      var t = e.target;
      if (e.ctrlKey && e.key === 'Enter' && !t.closest('form')) { desk.requestSubmit(); return; }
      if (e.ctrlKey || e.metaKey || e.altKey || t.closest('textarea, select, dialog, input:not([type=radio]):not([type=checkbox])')) return;
      if (store('keys') === 'off' && t.name !== 'kind') return;
      var digits = $$('[data-digits] input', desk), one = digits[+e.key - 1];
      if (/^[1-9]$/.test(e.key) && one) { one.checked = true; one.focus(); one.dispatchEvent(new Event('change', { bubbles: true })); }
      else if (e.key === '9') { var fold = $('#way-emergency'); fold.open = true; $('input', fold).focus(); e.preventDefault(); }
    });
  }

  /* 草稿:停笔 3 秒存到服务器,离开页面时也存;存在人和工单名下,换机器也在 */
  $$('form[data-draft]').forEach(function (form) {
    var timer = 0, dirty = false, gone = false, busy = false, mark = $('[data-saved]', form), at = form.dataset.draft;
    function body() {
      var data = new URLSearchParams();
      new FormData(form).forEach(function (v, k) { if (typeof v === 'string') data.append(k, v); });
      return data;
    }
    /* 派单单上,选了哪个单位也算写了 */
    function worth() { return form.hasAttribute('data-choices') || $$('textarea, input:not([type]), input[type=text], input[type=tel]', form).some(function (f) { return f.value.trim().length > 3; }); }
    function save() {
      if (gone || !dirty || !worth()) return;
      if (busy) { later(1000); return; }
      busy = true; dirty = false;
      fetch('/drafts', { method: 'POST', body: body(), credentials: 'same-origin' }).then(function (r) {
        if (!r.ok || r.redirected) throw new Error('not saved');
        return r.json();
      }).then(function (saved) {
        form.elements._seq.value = saved.seq; form.elements._draft.value = saved.id;
        mark.textContent = saved.beside ? say('script-draft-beside', { at: saved.beside }) : say('script-draft-kept', { at: saved.at });
        if (at && window.history.replaceState) history.replaceState(null, '', at + '?draft=' + encodeURIComponent(saved.id));
      }).catch(function () { dirty = true; mark.textContent = say('script-draft-lost'); later(10000); }).then(function () { busy = false; });
    }
    function later(ms) { clearTimeout(timer); timer = setTimeout(save, ms); }
    function touched() { dirty = true; later(3000); }
    form.addEventListener('input', touched);
    form.addEventListener('change', touched);
    form.addEventListener('submit', function () { gone = true; clearTimeout(timer); });
    window.addEventListener('pagehide', function () {
      if (!gone && dirty && worth() && navigator.sendBeacon) navigator.sendBeacon('/drafts', body());
    });
  });

  /* 列表键盘导航 */
  var list = $('[data-live]'), order = $('[data-live-order]');
  var rows = $$('[data-row]'), cur = rows.findIndex(function (r) { return r.hasAttribute('data-cursor') || r.getAttribute('aria-current') === 'true'; });
  function move(i) {
    rows = $$('[data-row]');
    if (!rows.length) return;
    i = Math.max(0, Math.min(rows.length - 1, i));
    rows.forEach(function (r) { r.removeAttribute('data-cursor'); });
    rows[i].setAttribute('data-cursor', '');
    rows[i].scrollIntoView({ block: 'nearest' });
    if (rows[i].tagName === 'A') rows[i].focus();
    cur = i;
  }
  /* 选中与批量:勾选框在表里,操作在下面 */
  var bulk = $('#bulk'), last = -1;
  function boxes() { return $$('[data-row] input[name=pick]'); }
  function counted() {
    if (!bulk) return;
    var n = boxes().filter(function (b) { return b.checked; }).length, all = bulk.elements._all;
    $$('[data-row]').forEach(function (r) { var b = $('input[name=pick]', r); if (b) { if (b.checked) r.setAttribute('aria-selected', 'true'); else r.removeAttribute('aria-selected'); } });
    $('[data-count]', bulk).textContent = n;
    if (n || (all && all.checked)) bulk.setAttribute('data-some', ''); else bulk.removeAttribute('data-some');
    var head = $('[data-pickall]'); if (head) { head.checked = n > 0 && n === boxes().length; head.indeterminate = n > 0 && !head.checked; }
  }
  function pick(row, range) {
    var box = $('input[name=pick]', row); if (!box) return;
    var list = $$('[data-row]'), at = list.indexOf(row);
    box.checked = !box.checked;
    if (range && last >= 0) for (var i = Math.min(last, at); i <= Math.max(last, at); i++) { var b = $('input[name=pick]', list[i]); if (b) b.checked = box.checked; }
    last = at; counted();
  }
  function unpick() { boxes().forEach(function (b) { b.checked = false; }); if (bulk && bulk.elements._all) bulk.elements._all.checked = false; counted(); shut(); }
  document.addEventListener('change', function (e) {
    if (e.target.matches('[data-pickall]')) boxes().forEach(function (b) { b.checked = e.target.checked; });
    if (e.target.matches('[data-pickall], input[name=pick], input[name=_all]')) counted();
  });
  document.addEventListener('click', function (e) {
    if (e.target.closest('[data-unpick]')) unpick();
    if (e.target.closest('[data-action=print]')) window.print();
    if (e.target.closest('#peek [data-close]')) { e.preventDefault(); shut(); }
  });
  counted();

  /* 速览:地址里有 peek,取同一页,只换右边这一块 */
  var drawer = $('#peek');
  function look(row) {
    if (!drawer) return;
    if (!drawer.hidden && drawer.dataset.no === row.dataset.row) { shut(); return; }
    fetch(row.dataset.peek, { credentials: 'same-origin' }).then(function (r) { return r.text(); }).then(function (t) {
      var fresh = $('#peek', new DOMParser().parseFromString(t, 'text/html'));
      if (!fresh || fresh.hidden) { location.href = $('a', row).href; return; }
      drawer.innerHTML = fresh.innerHTML; drawer.hidden = false; drawer.dataset.no = row.dataset.row;
      drawer.parentNode.classList.remove('queue--one');
      if (window.history.replaceState) history.replaceState(null, '', row.dataset.peek);
      tick();
    }, function () {});
  }
  function shut() {
    if (!drawer || drawer.hidden) return;
    var link = $('[data-close]', drawer);
    if (link && window.history.replaceState) history.replaceState(null, '', link.href);
    drawer.hidden = true; drawer.innerHTML = ''; drawer.parentNode.classList.add('queue--one');
  }
  var g = 0;
  document.addEventListener('keydown', function (e) {
    if (e.ctrlKey && e.key === 'Enter') { var f = e.target.closest('form'); if (f && f.requestSubmit) f.requestSubmit(); return; }
    if (e.target.closest('textarea, select, dialog, input:not([type=checkbox])') || e.ctrlKey || e.metaKey || e.altKey) return;
    if (store('keys') === 'off') return;
    var k = e.key;
    if (g && Date.now() - g < 800) { g = 0; var to = $('.side [data-key="' + k + '"]'); if (to) location.href = to.href; return; }
    if (k === 'g') g = Date.now();
    else if (k === '/') { var q = $('#q'); if (q) { q.focus(); e.preventDefault(); } }
    else if (k === 'f') { var fb = $('.filterbox'); if (fb) { fb.open = true; var ff = $('select, input', fb); if (ff) { ff.focus(); e.preventDefault(); } } }
    else if (k === '?') openDialog($('#keys'));
    else if (k === 'j') move(cur + 1);
    else if (k === 'k') move(cur - 1);
    else if ((k === 'x' || k === 'X') && rows[cur]) pick(rows[cur], k === 'X' || e.shiftKey);
    else if (k === ' ' && rows[cur] && rows[cur].dataset.peek) { look(rows[cur]); e.preventDefault(); }
    else if (k === 'v') { var sv = $('[data-save]'); if (sv) { sv.open = true; $('input[name=name]', sv).focus(); e.preventDefault(); } }
    else if (k === 'a' && $('[data-assign]') && rows[cur]) { var as = $('[data-assign]'); if (bulk && !bulk.hasAttribute('data-some')) pick(rows[cur]); as.open = true; $('select', as).focus(); e.preventDefault(); }
    else if (order && (k === 'a' || k === 'm')) { var act = $('[id^="act-' + (k === 'a' ? 'assign' : 'note') + '-"]'); if (act) { act.open = true; act.scrollIntoView({ block: 'center' }); var af = $('select, textarea', act); if (af) af.focus(); e.preventDefault(); } }
    else if (k === 'Escape') unpick();
    else if (k === 'Enter' && rows[cur] && e.target === document.body) { var a = rows[cur].tagName === 'A' ? rows[cur] : $('a', rows[cur]); if (a) location.href = a.href; }
  });

  /* 实时:一个标签页一条流,只在看得见时开着;流只说哪些工单变了,页面自己再取一次。
     计数与原有的行就地更新;新来的行不插进来,先报个数,点了才载入,正在看的不会移动。 */
  var stream = null, due = 0, asked = 0, mine = [];
  /* 两次取页至少隔这么久,各页错开 */
  var GAP = 4000;
  function later() {
    if (due || document.hidden) return;
    due = setTimeout(function () { due = 0; again(); }, Math.max(300, asked + GAP - Date.now()) + Math.random() * 700);
  }
  function again() {
    asked = Date.now();
    fetch(location.href, { credentials: 'same-origin', headers: { 'X-Live': '1' } }).then(function (r) {
      if (!r.ok || r.redirected) throw new Error('gone');
      return r.text();
    }).then(function (t) { merge(new DOMParser().parseFromString(t, 'text/html')); }, function () {});
  }
  function merge(doc) {
    var fresh = $('[data-live]', doc);
    if (!fresh) return;
    $$('.tabs .tab').forEach(function (tab, i) {
      var other = $$('.tabs .tab', doc)[i], n = $('.tab__n', tab), m = other && $('.tab__n', other);
      if (n && m && other.getAttribute('href') === tab.getAttribute('href') && n.textContent !== m.textContent) n.textContent = m.textContent;
    });
    /* 铃上的未读数,读屏时说的也跟着改 */
    var bell = $('.btn--bell'), rung = $('.btn--bell', doc);
    if (bell && rung && bell.innerHTML !== rung.innerHTML) { bell.innerHTML = rung.innerHTML; bell.setAttribute('aria-label', rung.getAttribute('aria-label')); }
    var known = byKey(list), now = byKey(fresh), count = 0, alarm = false;
    Object.keys(now).forEach(function (key) {
      var row = now[key], old = known[key];
      if (!old) { if (mine.indexOf(row.dataset.row) < 0) { count += 1; if ($('.tag--urgent', row)) alarm = true; } return; }
      old.removeAttribute('data-gone');
      /* 正在这一行里操作的不动 */
      if (!old.contains(document.activeElement) && !$('input[name=pick]:checked', old) && plain(old) !== plain(row)) old.innerHTML = row.innerHTML;
    });
    Object.keys(known).forEach(function (no) { if (!now[no]) known[no].setAttribute('data-gone', ''); });
    tick();
    if (alarm && store('sound') === 'on') tone();
    if (!count) return;
    bar(say('script-new-orders', { n: count }), function () { list.innerHTML = fresh.innerHTML; rows = $$('[data-row]'); cur = -1; counted(); tick(); });
  }
  /* 一件工单在一个单位可有几行:按出现的次序分开 */
  function byKey(box) {
    var found = {}, times = {};
    $$('[data-row]', box).forEach(function (row) {
      var no = row.dataset.row;
      times[no] = (times[no] || 0) + 1;
      found[no + '#' + times[no]] = row;
    });
    return found;
  }
  /* 倒计时每秒在变,不算变化 */
  function plain(row) {
    var copy = row.cloneNode(true);
    $$('[data-left]', copy).forEach(function (c) { c.textContent = ''; c.removeAttribute('data-left'); });
    $$('input[name=_key]', copy).forEach(function (c) { c.value = ''; c.removeAttribute('value'); });
    return copy.innerHTML;
  }
  /* 新到应急件响两声,默认关,在个人设置或列表上打开;不许响时不响,行上的标记总在 */
  function tone() {
    var Audio = window.AudioContext || window.webkitAudioContext; if (!Audio) return;
    try {
      var c = new Audio();
      [0, .35].forEach(function (at) {
        var o = c.createOscillator(), v = c.createGain();
        o.frequency.value = 880; v.gain.value = .2;
        o.connect(v); v.connect(c.destination);
        o.start(c.currentTime + at); o.stop(c.currentTime + at + .2);
      });
      setTimeout(function () { c.close(); }, 1500);
    } catch (e) { /* 没有声音设备 */ }
  }
  function bar(text, act) {
    var old = $('.newbar'), b = old || document.createElement('button');
    b.type = 'button'; b.className = 'newbar'; b.textContent = text;
    b.onclick = function () { b.remove(); act(); };
    if (old) return;
    var said = $('#said') || document.body.appendChild(document.createElement('div'));
    said.id = 'said'; said.setAttribute('role', 'status'); said.appendChild(b);
  }
  function open() {
    if (stream || document.hidden) return;
    stream = new EventSource('/live' + (order ? '?order=' + encodeURIComponent(order.dataset.liveOrder) : ''));
    stream.addEventListener('present', function (e) { present(JSON.parse(e.data).people); });
    stream.addEventListener('hello', function () { root.dataset.online = ''; });
    stream.onerror = function () { delete root.dataset.online; if (stream && stream.readyState === 2) { stream = null; setTimeout(open, 30000); } };
    stream.addEventListener('changed', function (e) {
      var told = JSON.parse(e.data);
      /* 自己刚做的不当新消息报 */
      mine = mine.concat(told.own || []).slice(-200);
      if (list) later();
      else if (order && told.orders.indexOf(order.dataset.liveOrder) >= 0) bar(say('script-order-changed'), function () { location.reload(); });
    });
  }
  /* 谁也在看这件工单,谁正在填 */
  function present(people) {
    var mark = $('#present'); if (!mark) return;
    mark.hidden = !people.length;
    mark.textContent = people.map(function (p) { return say(p.editing ? 'script-editing' : 'script-looking', { name: p.name }); }).join(say('script-list'));
  }
  if (order) {
    var told = 0, csrf = $('input[name=_csrf]');
    document.addEventListener('input', function (e) {
      if (!e.target.closest('main form') || Date.now() - told < 60000 || !csrf) return;
      told = Date.now();
      fetch('/orders/' + encodeURIComponent(order.dataset.liveOrder) + '/editing', { method: 'POST', credentials: 'same-origin', body: new URLSearchParams({ _csrf: csrf.value }) }).catch(function () {});
    });
  }
  function close() { if (stream) { stream.close(); stream = null; delete root.dataset.online; } }
  if ((list || order) && window.EventSource && window.fetch) {
    document.addEventListener('visibilitychange', function () {
      if (document.hidden) { close(); return; }
      open();
      if (list) later();
    });
    window.addEventListener('pagehide', close);
    open();
  }

  /* 后台批量的进度:每两秒取一次同一页,办完为止 */
  (function poll() {
    var page = $('#progress[data-poll]');
    if (!page || !window.fetch) return;
    setTimeout(function () {
      if (document.hidden) { poll(); return; }
      fetch(location.href, { credentials: 'same-origin' }).then(function (r) { if (!r.ok || r.redirected) throw new Error('gone'); return r.text(); }).then(function (t) {
        var fresh = $('#progress', new DOMParser().parseFromString(t, 'text/html'));
        if (!fresh) return;
        if (page.contains(document.activeElement)) {
          /* 焦点在按钮上:只换数字,不动按钮 */
          var a = $('[role=status]', page), b = $('[role=status]', fresh);
          if (a && b) a.innerHTML = b.innerHTML;
          if (fresh.hasAttribute('data-poll')) { poll(); return; }
        }
        page.replaceWith(fresh);
        poll();
      }).catch(poll);
    }, 2000);
  })();

  /* 同一表单只交一次(服务端另有幂等键) */
  document.addEventListener('submit', function (e) {
    var f = e.target;
    if (f.dataset.sent) { e.preventDefault(); return; }
    if ((f.method || '').toLowerCase() === 'post') { f.dataset.sent = '1'; setTimeout(function () { delete f.dataset.sent; }, 4000); }
  });
})();
