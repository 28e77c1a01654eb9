#include <string_view>

#include "reports/svg_chart.h"

namespace axiometer {
namespace {

struct Ink {
  std::string_view variable;
  std::string_view color;
};
// Okabe and Ito's hues at lightnesses that differ by 10 or more (CIE L*) where parts of one figure stand side by
// side: blue 35, red 47, green 52, gold 63, sky 75, line 88.
constexpr Ink kPrint[] = {{"--page", "#ffffff"}, {"--ink", "#1b1f24"},   {"--soft", "#4b535c"},
                          {"--line", "#d8dee4"}, {"--blue", "#00568c"},  {"--sky", "#7cc0e6"},
                          {"--gold", "#d08a1e"}, {"--green", "#108c6a"}, {"--red", "#c3432f"}};

constexpr char kPrintRules[] = R"(text{font:13px Helvetica,Arial,'Noto Sans','Noto Sans CJK SC',sans-serif}
.chart{font-family:Helvetica,Arial,'Noto Sans','Noto Sans CJK SC',sans-serif}
.sheet{fill:#fff}
.heading{font-size:16px;font-weight:600;fill:#1b1f24}
.subheading,.under{font-size:12px;fill:#4b535c}
)";

}  // namespace

const char* SvgStyle() {
  // Okabe and Ito's colours, darkened or lightened for contrast on the page.
  return R"(.chart{display:block;overflow:visible;font:13px system-ui,sans-serif}
.chart text{fill:var(--ink)}
.chart .tick{fill:var(--soft);font-size:12px}
.chart .soft{fill:var(--soft)}
.chart .num{font-variant-numeric:tabular-nums;font-size:12px;white-space:pre}
.chart .strong{font-weight:600}
.chart .halo{paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
.chart .grid{stroke:var(--line);stroke-width:1}
.chart .rule,.chart .reference{stroke:var(--soft);stroke-width:1}
.chart .interval{stroke:var(--blue);stroke-width:2.5}
.chart .path{stroke:var(--blue);stroke-width:1.5;stroke-opacity:.55}
.chart .rough{stroke-dasharray:7 3}
.chart .mean{fill:var(--blue);stroke:var(--page);stroke-width:1.5}
.chart .mean.all{fill:var(--ink)}
.chart .beside{fill:var(--page);stroke:var(--ink);stroke-width:1.5}
.chart .spoke{stroke:var(--line);stroke-width:1}.chart .ring{fill:none;stroke:var(--line);stroke-width:1}
.chart .round{fill:var(--blue);fill-opacity:.1;stroke:var(--blue);stroke-width:1;stroke-opacity:.6}
.chart.circle{max-width:100%;height:auto}
.chart .reach{stroke:var(--blue);stroke-width:10;stroke-opacity:.16}
.chart .band{fill:var(--blue);fill-opacity:.16}
.chart .seg{stroke:var(--page);stroke-width:1.5}
.chart .good{fill:var(--blue)}.chart .limited{fill:var(--sky)}.chart .silent{fill:var(--gold)}
.chart .broken{fill:var(--red)}.chart .absent{fill:var(--line)}
.chart .pole-a{fill:var(--blue)}.chart .pole-b{fill:var(--gold)}.chart .even{fill:var(--green)}
.chart .wins{fill:var(--blue)}.chart .loses{fill:var(--gold)}
.chart .self{fill:var(--line)}.chart .unmet{fill:none;stroke:var(--line);stroke-dasharray:3 3}
.chart .cell{paint-order:stroke;stroke:var(--page);stroke-width:2.5px;font-size:12px;font-variant-numeric:tabular-nums}
)";
}

std::string SvgPrintStyle() {
  const std::string_view style = SvgStyle();
  std::string out;
  for (size_t at = 0; at < style.size();) {
    const size_t use = style.find("var(", at);
    out += style.substr(at, use - at);
    if (use == std::string_view::npos) break;
    const size_t end = style.find(')', use);
    const std::string_view variable = style.substr(use + 4, end - use - 4);
    for (const Ink& ink : kPrint) {
      if (ink.variable == variable) out += ink.color;
    }
    at = end + 1;
  }
  return out + kPrintRules;  // behind: its fonts take the place of the page's
}

}  // namespace axiometer
