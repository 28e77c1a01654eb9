#include "harness/record/score.h"

namespace axiometer {

Score Score::OfNumber(std::string name, std::optional<double> number) { return {std::move(name), number, {}}; }

Score Score::OfFlag(std::string name, std::optional<bool> flag) {
  return OfNumber(std::move(name), flag ? std::optional<double>(*flag ? 1 : 0) : std::nullopt);
}

Score Score::OfText(std::string name, std::optional<std::string> text) {
  return {std::move(name), {}, std::move(text)};
}

}  // namespace axiometer
