#pragma once

#include <optional>
#include <span>
#include <vector>

namespace axiometer {

// Adjusted p values of a family of tests, in the order given; compare each with alpha. A test
// without a p value stays without one and does not count in the family: it could not have rejected.

// Holm (1979): the chance of any false rejection in the family is at most alpha, whatever the
// dependence. Sorted p_(i), i from 0 of m: the largest of (m - j) p_(j) for j <= i, at most 1.
std::vector<std::optional<double>> Holm(std::span<const std::optional<double>> p);

// Benjamini & Hochberg (1995): the expected share of false ones among rejections is at most alpha,
// for independent or positively dependent tests. The smallest of m p_(j) / (j + 1) for j >= i.
std::vector<std::optional<double>> BenjaminiHochberg(std::span<const std::optional<double>> p);

}  // namespace axiometer
