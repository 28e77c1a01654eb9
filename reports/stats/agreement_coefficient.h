#pragma once

#include <span>

#include "reports/stats/mean_interval.h"
#include "reports/stats/rating_table.h"

namespace axiometer {

// Agreement of raters beyond chance on an ordered scale of `categories` >= 2. 1: perfect, 0: as by
// chance, below 0: worse. Interval: SetFisherJackknife over cases. No two ratings of one item, or a
// coefficient that is 0/0 since only one category occurs: no value, with the reason. `n` counts the
// items with two ratings or more.

// Krippendorff's alpha with the ordinal difference (Hayes & Krippendorff 2007; Krippendorff 2004,
// ch. 11): 1 - D_o / D_e from coincidences, delta^2_ck = (sum of n_g for g from c to k - (n_c +
// n_k)/2)^2. Any number of raters, missing ratings. O(items + clusters K^2).
Estimate OrdinalAlpha(std::span<const Rating> ratings, int categories, double level = 0.95);

// Cohen's kappa with weights ((c - k)/(K - 1))^2 (Cohen 1968), for ratings by exactly two raters of
// whom both must have rated an item. More or fewer raters: no value. Its interval falls short (88
// to 93 %) where scores are skewed, which `caution` says from 80 % in one category on.
Estimate QuadraticKappa(std::span<const Rating> ratings, int categories, double level = 0.95);

// Gwet's AC2 with agreement weights 1 - ((c - k)/(K - 1))^2 (Gwet 2008; Gwet 2014, Handbook of
// Inter-Rater Reliability, ch. 5). Stays meaningful where nearly all ratings fall into one
// category. Items rated once enter the prevalences alone.
Estimate GwetAc2(std::span<const Rating> ratings, int categories, double level = 0.95);

}  // namespace axiometer
