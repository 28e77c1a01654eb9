#pragma once

#include <span>
#include <vector>

#include "reports/stats/paired_games.h"

namespace axiometer {

// That the strength of one value exceeds that of another by `more_than` at least, in the units of the rating.
struct OrderClaim {
  int above = 0;
  int below = 0;
  double more_than = 0;
};

// For each claim, whether some outcomes of the missing games would make it false (Manski 1989: no assumption about why
// they are missing). `games`: those that were played and the missing ones.

// By outcomes, of all 3^k fillings. Never false where a filling breaks the claim; true without such a filling only
// where the search reached its bound of work, which takes large systems with many missing games.
//
// How fillings are told from one fit: theta, the fit of the played games, is also that of all games if each missing one
// brings what is expected at theta, and a filling adds a linear term delta' theta to that likelihood. So v =
// theta(filling)
// - theta = M^-1 delta, M the Hessian H averaged between them. Each term of the likelihood is generalised
// self-concordant (Bach 2010, "Self-concordant analysis for logistic regression", sec. 2): with r the largest range of
// v over the terms, exp(-r s) H <= H(theta + s v) <= exp(r s) H. Hence for any contrast c
//
//   | c'v - (r/2) coth(r/2) c'H^-1 delta | <= (r/2) |c|_H^-1 |delta|_H^-1
//
// where the middle term is a sum over missing games and its worst filling the worst of each. r itself is bounded by the
// same inequality over the contrasts of all terms: any r that the inequality keeps below itself will do. What is not
// settled so is split by the outcomes of one missing game after another.
std::vector<bool> OutcomesDepend(std::span<const PairedGame> games, int values, std::span<const OrderClaim> claims);

// By margins, each missing one anywhere from -1 to 1: exact, as the fit is linear in them.
std::vector<bool> MarginsDepend(std::span<const PairedGame> games, int values, std::span<const OrderClaim> claims);

}  // namespace axiometer
