#include "reports/viewer/page.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/base/utc.h"
#include "reports/html_page.h"
#include "reports/plain_text.h"
#include "reports/svg_chart.h"

namespace axiometer {
namespace {

std::string Crumbs(const PageFrame& frame) {
  std::string out = "<nav class=\"crumbs\" aria-label=\"Where you are\"><ol>";
  for (const auto& [text, address] : frame.path) out += "<li>" + Link(address, text) + "</li>";
  return out + "<li aria-current=\"page\">" + HtmlText(frame.title) + "</li></ol></nav>\n";
}

std::string Tabs(const PageFrame& frame) {
  if (frame.tabs.empty()) return "";
  std::string out = "<nav class=\"tabs\" aria-label=\"Parts\"><ul>";
  for (const auto& [text, address] : frame.tabs) {
    const std::string here = address == frame.tab ? " aria-current=\"page\"" : "";
    out += "<li>" + Element("a", Attribute("href", address) + here, text) + "</li>";
  }
  return out + "</ul></nav>\n";
}

}  // namespace

ViewedPage Framed(const PageFrame& frame, const std::string& main, int status) {
  ViewedPage page;
  page.status = status;
  page.unfinished = frame.unfinished;
  page.body = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n";
  // The script asks again by itself, and keeps the reader's place.
  if (frame.unfinished) page.body += "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>\n";
  page.body += Element("title", "", frame.title + " · Axiometer") +
               "\n<link rel=\"stylesheet\" href=\"/style.css\">\n<script src=\"/script.js\" defer></script>\n</head>\n<body>\n"
               "<a class=\"skip\" href=\"#main\">Skip to the contents</a>\n";
  page.body += Crumbs(frame) + "<header><h1>" + HtmlText(frame.title) + "</h1></header>\n" + Tabs(frame);
  page.body += "<main id=\"main\"";
  if (frame.unfinished) page.body += " data-again=\"500\"";
  if (!frame.unfinished && frame.live) page.body += " data-again=\"2000\"";
  page.body += ">\n" + main + "</main>\n</body>\n</html>\n";
  return page;
}

ViewedPage ProblemPage(int status, const std::string& what, const std::string& hint) {
  PageFrame frame;
  frame.title = status == 404 ? "Not here" : "That did not work";
  frame.path = {{"Runs", "/"}};
  std::string main = Element("p", " class=\"note\"", what) + "\n";
  if (!hint.empty()) {
    // As a sentence.
    std::string sentence = hint.ends_with('.') ? hint : hint + ".";
    sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
    main += Element("p", "", sentence) + "\n";
  }
  return Framed(frame, main, status);
}

std::string Folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string UtcText(int64_t ms) { return UtcTime(ms, "%Y-%m-%d %H:%M UTC"); }

std::string DurationText(int64_t ms) {
  if (ms < 10'000) return Fixed(static_cast<double>(ms) / 1000, 1) + " s";
  const int64_t seconds = ms / 1000;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string Link(const std::string& address, std::string_view text) {
  return Element("a", Attribute("href", address), text);
}

std::string FactTable(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string out = "<div class=\"scroll\"><table class=\"facts\"><tbody>\n";
  for (const auto& [name, value] : rows) {
    if (!value.empty()) out += "<tr>" + Element("th", " scope=\"row\"", name) + "<td>" + value + "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string CommandHtml(std::string_view command) {
  std::string out = "<code class=\"command\">";
  for (size_t at = 0; at < command.size();) {
    const size_t end = std::min(command.find(' ', at), command.size());
    out += Element("span", "", std::string(command.substr(at, end - at)));
    if (end < command.size()) out += ' ';
    at = end + 1;
  }
  return out + "</code>";
}

std::string TextBlock(std::string_view text, size_t bytes, const std::string& whole) {
  // What may be longer than its box scrolls, also by keyboard.
  const bool scrolls = text.size() > 300 || std::count(text.begin(), text.end(), '\n') > 10;
  const std::string begin = scrolls ? "<pre dir=\"auto\" tabindex=\"0\">" : "<pre dir=\"auto\">";
  if (text.size() <= bytes) return begin + HtmlText(text, true) + "</pre>";
  std::string out = begin + HtmlText(Excerpt(text, bytes), true) + "</pre>";
  return out + "<p class=\"more\">" + Link(whole, "All " + Grouped(static_cast<long long>(text.size())) + " bytes") + "</p>";
}

std::string ReadableJson(std::string_view text, size_t most) {
  if (text.size() > most) return std::string(text);
  const Result<Json> json = ParseJson(std::string(text), "");
  if (!json || !(json->is_object() || json->is_array())) return std::string(text);
  return json->dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string ViewerStyle() {
  return std::string(HtmlStyle()) + SvgStyle() + R"(
body{max-width:1240px}
.crumbs ol,.tabs ul{list-style:none;display:flex;flex-wrap:wrap;gap:2px 8px;padding:0;margin:0 0 10px;font-size:14px;color:var(--soft)}
.crumbs li{overflow-wrap:anywhere}
.crumbs li+li::before{content:"› ";color:var(--soft)}
.tabs ul{gap:2px 22px;margin:14px 0 20px;border-bottom:1px solid var(--line);font-size:15px}
.tabs a{display:block;padding:6px 0;text-decoration:none}
.tabs [aria-current]{border-bottom:3px solid var(--blue);color:var(--ink);font-weight:600}
main>h2:first-child,main>section:first-child>h2{margin-top:8px;border-top:0}
button{font:inherit;padding:5px 14px;border:1px solid var(--blue);border-radius:4px;background:var(--blue);color:var(--page);cursor:pointer}
.list thead .sort{font:inherit;color:inherit;background:none;border:0;border-radius:0;padding:0;text-decoration:underline dotted}
th[aria-sort=ascending] .sort::after{content:" ↑"}
th[aria-sort=descending] .sort::after{content:" ↓"}
label{font-size:14px}
form.plain{display:block}
label>input,label>select{display:block}
input[type=checkbox]{width:18px;height:18px}
.list{width:100%;font-size:14px}
.list th:first-child,.list .words{overflow-wrap:anywhere}
.list tbody tr:hover{background:var(--tint)}
.state{white-space:nowrap}
.state b::before{content:"● ";color:var(--soft)}
.running b::before{color:var(--blue)}.done b::before{color:var(--green)}.failed b::before{color:var(--red)}.interrupted b::before{color:var(--gold)}
progress{width:110px;height:8px;vertical-align:middle;accent-color:var(--blue)}
code{font:13px/1.5 ui-monospace,monospace}
.command span{display:inline-block;max-width:100%;overflow-wrap:anywhere}
pre{margin:2px 0 0;padding:8px 12px;background:var(--tint);white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace;max-height:70vh;overflow-y:auto}
pre:focus-visible{outline-offset:-2px}
.more{margin:2px 0 0;font-size:13px}
.sample{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,420px);gap:0 32px;align-items:start}
.sample>aside{position:sticky;top:8px;max-height:calc(100vh - 16px);overflow-y:auto;padding-right:6px}
.twice{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 28px}
.event,.point{border-left:4px solid var(--line);padding:4px 0 10px 12px;margin:0 0 14px;scroll-margin-top:12px}
.event>h3,.point>h4{margin:0 0 4px;font-size:14px;font-weight:600;line-height:1.4}
.event>h3 small,.point>h4 small{font-weight:400}
.event.assistant{border-color:var(--blue)}.event.tool{border-color:var(--green)}.event.failure{border-color:var(--red)}
.event:target,.event.lit,.point:target,.point.lit{background:var(--tint);border-color:var(--gold);box-shadow:inset 4px 0 0 var(--gold)}
.event:target>pre,.event.lit>pre{background:var(--page)}
.cites{font-size:13px;color:var(--soft);margin:6px 0 0}
.cites a{display:inline-block;padding:0 6px;border:1px solid var(--line);border-radius:10px;margin:0 2px 2px 0;text-decoration:none}
.call{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 14px}
.call pre{max-height:340px}
.call h4{margin:4px 0 0;font-size:13px;font-weight:400;color:var(--soft)}
.changes{margin:2px 0 0;padding-left:20px;font-size:14px;overflow-wrap:anywhere}
.event>h4{margin:6px 0 0;font-size:13px;font-weight:400;color:var(--soft)}
.point p{margin:4px 0;font-size:14px}
.point ol{margin:4px 0;font-size:13px;padding-left:20px;color:var(--soft)}
.point ol [aria-current]{color:var(--ink);font-weight:600}
.mark{display:inline-block;min-width:44px;text-align:center;padding:0 6px;border-radius:4px;font-weight:600;font-size:13px;border:1px solid currentColor}
.m2{color:var(--green)}.m1{color:var(--gold)}.m0{color:var(--soft)}.none{color:var(--red)}
.pole{margin:18px 0 8px;font-size:16px}
.pole:first-child{margin-top:0}
.values{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0}
.pager{display:flex;flex-wrap:wrap;gap:6px 18px;margin:14px 0}
@media (max-width:900px){
.sample,.twice,.call{grid-template-columns:minmax(0,1fr)}
.sample>aside{position:static;max-height:none}
}
@media (max-width:640px){
.list,.list tbody,.list tr{display:block}
.list thead{display:none}
.list tr{padding:12px 0;border-bottom:1px solid var(--line)}
.list th,.list td{display:block;border:0;padding:1px 0;text-align:left}
.list td[data-name]::before{content:attr(data-name) ": ";color:var(--soft)}
.list td:empty{display:none}
}
@media print{form.plain{display:block}form.plain button,form.plain input{display:none}.crumbs,.tabs,.pager{display:none}.sample,.twice{display:block}.sample>aside{position:static;max-height:none}pre,.call pre{max-height:none;overflow:visible}}
)";
}

const char* ViewerScript() {
  return R"('use strict';
(function () {
  var main = document.getElementById('main');
  function each(selector, act) { Array.prototype.forEach.call(document.querySelectorAll(selector), act); }

  // Filters a list of what is on the page while one types.
  function filter() {
    var field = document.querySelector('[data-filters]');
    if (!field) return;
    function apply() {
      var wanted = field.value.toLowerCase().split(/\s+/), count = 0, all = 0;
      each('#' + field.dataset.filters + ' tbody tr', function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !wanted.every(function (word) { return text.indexOf(word) >= 0; });
        all++;
        if (!row.hidden) count++;
      });
      var shown = document.getElementById('shown');
      if (shown) shown.textContent = count + ' of ' + all;
    }
    field.addEventListener('input', apply);
    apply();
  }

  // Sorts a table by a column.
  function sorting() {
    each('table.sortable', function (table) {
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
        if (!head.textContent || head.dataset.fixed !== undefined) return;
        var button = document.createElement('button');
        button.className = 'sort';
        button.type = 'button';
        button.textContent = head.textContent;
        head.textContent = '';
        head.appendChild(button);
        button.addEventListener('click', function () {
          var down = head.getAttribute('aria-sort') === 'ascending';
          each('th[aria-sort]', function (other) { other.removeAttribute('aria-sort'); });
          head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
          function key(row) {
            var cell = row.cells[column];
            return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v === '' ? -Infinity : Number(cell.dataset.v);
          }
          var body = table.tBodies[0];
          Array.prototype.slice.call(body.rows).sort(function (x, y) {
            var a = key(x), b = key(y);
            return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
          }).forEach(function (row) { body.appendChild(row); });
        });
      });
    });
  }

  // An event lights up the checkpoints that cite it, a checkpoint the events that it cites.
  function lights() {
    function light(names, on) {
      names.split(' ').forEach(function (name) {
        var other = document.getElementById(name);
        if (other) other.classList.toggle('lit', on);
      });
    }
    each('[data-lights]', function (one) {
      one.addEventListener('mouseenter', function () { light(one.dataset.lights, true); });
      one.addEventListener('mouseleave', function () { light(one.dataset.lights, false); });
      one.addEventListener('focusin', function () { light(one.dataset.lights, true); });
      one.addEventListener('focusout', function () { light(one.dataset.lights, false); });
    });
  }

  function openTarget() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var box = target; box; box = box.parentElement) if (box.tagName === 'DETAILS') box.open = true;
  }

  // j and k: the next and the last event or row; n and p: the next and the last page or sample.
  addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === 'n' || event.key === 'p') {
      var page = document.querySelector(event.key === 'n' ? 'a[rel=next]' : 'a[rel=prev]');
      if (page) page.click();
      return;
    }
    if (event.key !== 'j' && event.key !== 'k') return;
    var stops = Array.prototype.slice.call(document.querySelectorAll('.event, .list tbody tr:not([hidden]) th a'));
    if (!stops.length) return;
    var at = stops.indexOf(document.activeElement);
    var next = stops[Math.min(stops.length - 1, Math.max(0, at + (event.key === 'j' ? 1 : -1)))];
    if (next.tabIndex < 0) next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({block: 'nearest'});
    event.preventDefault();
  });

  // What is still being worked out, or changes, is asked for again; the reader's place and choices stay.
  function again() {
    var pause = main && main.dataset.again;
    if (!pause) return;
    setTimeout(function () {
      if (document.hidden) return again();
      fetch(location.href).then(function (reply) { return reply.text(); }).then(function (text) {
        var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('main');
        if (!fresh) return again();
        var chosen = {}, open = {}, typed = {};
        each('input[type=checkbox]', function (box) { if (box.checked) chosen[box.value] = true; });
        each('details[open][id]', function (box) { open[box.id] = true; });
        each('input[type=search]', function (field) { typed[field.name] = field.value; });
        var focused = document.activeElement && document.activeElement.name;
        main.innerHTML = fresh.innerHTML;
        if (fresh.dataset.again) main.dataset.again = fresh.dataset.again;
        else delete main.dataset.again;
        each('input[type=checkbox]', function (box) { box.checked = !!chosen[box.value]; });
        each('details[id]', function (box) { if (open[box.id]) box.open = true; });
        each('input[type=search]', function (field) { if (field.name in typed) field.value = typed[field.name]; });
        if (focused) { var field = document.querySelector('[name="' + focused + '"]'); if (field) field.focus(); }
        ready();
        again();
      }).catch(function () {
        main.dataset.again = '3000';
        again();
      });
    }, Number(pause));
  }

  function ready() { filter(); sorting(); lights(); openTarget(); }
  addEventListener('hashchange', openTarget);
  ready();
  again();
})();
)";
}

}  // namespace axiometer
