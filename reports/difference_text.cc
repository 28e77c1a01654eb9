#include "reports/difference_text.h"

#include "reports/plain_text.h"

namespace axiometer {

std::string RunLetter(size_t run) {
  std::string letter(1, static_cast<char>('A' + run % 26));
  return run < 26 ? letter : RunLetter(run / 26 - 1) + letter;
}

std::string PText(const std::optional<double>& p) {
  if (!p) return "–";
  return *p < 0.001 ? "< 0.001" : Fixed(*p, 3);
}

std::string Signed(double number, int digits) {
  const std::string text = Fixed(number, digits);
  return number > 0 && text.find_first_not_of("0.") != std::string::npos ? "+" + text : text;
}

std::string BoundsText(const Bounds& bounds) { return Fixed(bounds.low, 2) + " … " + Fixed(bounds.high, 2); }

std::string DifferenceText(const Estimate& estimate) {
  if (!estimate.value) return "–";
  std::string text = Signed(*estimate.value, 3);
  if (estimate.interval) {
    text +=
        " [" + Signed(estimate.interval->low, 3) + ", " + Signed(estimate.interval->high, 3) + "]";
  }
  return text;
}

}  // namespace axiometer
