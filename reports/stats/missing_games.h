#pragma once

#include <span>
#include <vector>

#include "reports/stats/paired_games.h"

namespace axiometer {

// That one value is above another.
struct OrderClaim {
  int above = 0;
  int below = 0;
};

// For each claim, whether some outcomes of the missing games would reverse it (Manski 1989: no
// assumption about why they are missing). `games`: those that were played and the missing ones.

// By outcomes. Up to 8 missing games: the order of Davidson's strengths under every one of the 3^k
// fillings. More: the order of win shares, for which the worst filling is known, `above` losing and
// `below` winning every missing game of theirs; a claim without one does not depend.
std::vector<bool> OutcomesDepend(std::span<const PairedGame> games, int values,
                                 std::span<const OrderClaim> claims);

// By margins, each missing one anywhere from -1 to 1: exact, as the fit is linear in them.
std::vector<bool> MarginsDepend(std::span<const PairedGame> games, int values,
                                std::span<const OrderClaim> claims);

}  // namespace axiometer
