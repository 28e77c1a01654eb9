#include "reports/html_page.h"

#include "harness/base/digest.h"
#include "reports/plain_text.h"

namespace axiometer {
namespace {

int HexDigit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

}  // namespace

const char* HtmlStyle() {
  return R"(
:root{--page:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--tint:#f5f7f9;--blue:#0067a5;--sky:#4aa8dc;--gold:#a56200;--green:#00795a;--red:#b0352b}
@media screen and (prefers-color-scheme:dark){:root{--page:#14181d;--ink:#e4e8ec;--soft:#9aa5b1;--line:#343c46;--tint:#1c2229;--blue:#5db4ec;--sky:#2f7fae;--gold:#e6a23c;--green:#3fbf95;--red:#ef7d70}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0 auto;padding:24px 16px 80px;max-width:1020px;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:26px;line-height:1.25;margin:0;overflow-wrap:anywhere}
header p{margin:4px 0 0;color:var(--soft);overflow-wrap:anywhere}
h2{font-size:21px;margin:44px 0 12px;padding-top:10px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:28px 0 8px}
p{max-width:72ch;overflow-wrap:anywhere}
a{color:var(--blue)}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:16px;top:8px;background:var(--page);padding:6px 10px}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:0;margin:16px 0 0}
.note{border-left:4px solid var(--gold);background:var(--tint);padding:8px 12px;margin:14px 0}
figure{margin:12px 0 8px;max-width:760px}
figcaption,.caption{color:var(--soft);font-size:14px;line-height:1.45;text-align:left;max-width:80ch}
figcaption{margin-top:10px}
.caption{margin:8px 0 20px}
.scroll{overflow-x:auto;max-width:100%;margin:10px 0}
table{border-collapse:collapse;font-size:15px;line-height:1.4}
th,td{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
thead th{color:var(--soft);font-size:13px;white-space:nowrap;vertical-align:bottom}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.facts th{color:var(--soft);white-space:nowrap}
.facts td{overflow-wrap:anywhere}
b{font-weight:600;font-variant-numeric:tabular-nums}
small{color:var(--soft)}
details{border-bottom:1px solid var(--line)}
details>summary{cursor:pointer;padding:8px 0;font-weight:600}
details[open]{padding-bottom:16px}
form{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;margin:12px 0}
form[hidden]{display:none}
input,select{font:inherit;padding:4px 8px;border:1px solid var(--soft);border-radius:4px;background:var(--page);color:var(--ink);max-width:100%}
output{color:var(--soft);font-size:14px}
#sample-table{width:100%;font-size:14px}
#sample-table th:first-child{min-width:190px;overflow-wrap:anywhere}
#sample-table td:nth-child(7){min-width:260px;overflow-wrap:anywhere}
#sample-table .failed td:nth-child(3){color:var(--red);font-weight:600}
#sample-table thead button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-decoration:underline dotted}
th[aria-sort=ascending] button::after{content:" ↑"}
th[aria-sort=descending] button::after{content:" ↓"}
.story dl{margin:0}
.story dt{color:var(--soft);font-size:13px;margin-top:10px}
.story dd{margin:2px 0 0;padding:8px 12px;background:var(--tint);white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}
@media (max-width:640px){
body{padding-top:16px}
h1{font-size:22px}
.facts th{white-space:normal}
#sample-table,#sample-table tbody,#sample-table tr{display:block}
#sample-table thead{display:none}
#sample-table tr{padding:12px 0;border-bottom:1px solid var(--line)}
#sample-table tr[hidden]{display:none}
#sample-table th,#sample-table td{display:block;border:0;padding:1px 0;text-align:left;min-width:0}
#sample-table th:first-child{min-width:0}
#sample-table td:nth-child(2)::before{content:"Epoch "}
#sample-table td:nth-child(6)::before{content:"Leaning: "}
#sample-table td:nth-child(7){min-width:0}
#sample-table td:empty{display:none}
}
@media print{
body{max-width:none;padding:0;font-size:11pt}
nav,form,.skip{display:none}
figure,tr,.note{break-inside:avoid}
h2,h3,summary{break-after:avoid}
.scroll{overflow:visible}
}
)";
}

const char* HtmlScript() {
  return R"(
'use strict';
(function () {
  function openTarget() {
    var target = document.getElementById(location.hash.slice(1));
    if (target && target.tagName === 'DETAILS') target.open = true;
  }
  addEventListener('hashchange', openTarget);
  openTarget();
  var table = document.getElementById('sample-table');
  if (!table) return;
  var form = document.getElementById('filter'), words = document.getElementById('words');
  var outcome = document.getElementById('outcome'), shown = document.getElementById('shown');
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  form.hidden = false;
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  function filter() {
    var wanted = words.value.toLowerCase().split(/\s+/), count = 0;
    rows.forEach(function (row, i) {
      var keep = (!outcome.value || row.cells[2].textContent === outcome.value) &&
          wanted.every(function (word) { return texts[i].indexOf(word) >= 0; });
      row.hidden = !keep;
      if (keep) count++;
    });
    shown.textContent = count + ' of ' + rows.length;
  }
  words.addEventListener('input', filter);
  outcome.addEventListener('input', filter);
  filter();
  function key(row, column) {
    var cell = row.cells[column];
    if (column === 1) return Number(cell.textContent);
    if (column === 3 || column === 4) return cell.dataset.v ? Number(cell.dataset.v) : -1;
    return cell.textContent;
  }
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
    var button = document.createElement('button');
    button.textContent = head.textContent;
    head.textContent = '';
    head.appendChild(button);
    button.addEventListener('click', function () {
      var down = head.getAttribute('aria-sort') === 'ascending';
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      rows.slice().sort(function (x, y) {
        var a = key(x, column), b = key(y, column);
        return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
      }).forEach(function (row) { body.appendChild(row); });
    });
  });
})();
)";
}

std::string CspHash(std::string_view content) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = Sha256(content);
  std::string out = "sha256-";
  // Three hexadecimal digits are two of base 64; 64 of them end on one digit over.
  for (size_t i = 0; i < hex.size(); i += 3) {
    int bits = 0;
    for (size_t j = i; j < i + 3; ++j) bits = bits << 4 | (j < hex.size() ? HexDigit(hex[j]) : 0);
    out += kDigits[bits >> 6];
    out += kDigits[bits & 63];
  }
  // 32 bytes: 43 digits and one filler.
  out.back() = '=';
  return out;
}

std::string Attribute(const char* name, std::string_view value) {
  std::string out = " ";
  return out.append(name).append("=\"").append(HtmlText(value)).append("\"");
}

std::string Element(const char* tag, const std::string& attributes, std::string_view text) {
  std::string out = "<";
  return out.append(tag).append(attributes).append(">").append(HtmlText(text)).append("</").append(tag).append(">");
}

std::string AddressPart(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

std::string SamplePageAddress(const SampleLink& link) {
  if (link.runs.size() == 1) return "/run/" + AddressPart(link.runs.front()) + "/sample?task=" + AddressPart(link.task);
  std::string out = "/side-by-side?";
  for (const std::string& run : link.runs) out += "run=" + AddressPart(run) + "&";
  return out + "task=" + AddressPart(link.task);
}

}  // namespace axiometer
