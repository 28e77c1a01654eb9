#pragma once

#include <optional>

// The distributions that the other statistics need, by Boost.Math: its headers are read in probability.cc alone.
namespace axiometer {

// Student's t with real-valued degrees of freedom `df` > 0. nullopt wherever that
// cannot give a finite number: df not positive or not finite, an argument that is not finite, or
// overflow (quantiles for df near 0).

// The t with P(T > t) = tail, 0 < tail < 1. Exact in small tails. A two-sided interval of level L
// takes tail = (1 - L) / 2.
std::optional<double> UpperTQuantile(double tail, double df);

// P(T <= t). Upper tails are TCdf(-t, df), which stays exact where 1 - TCdf(t, df) does not.
std::optional<double> TCdf(double t, double df);

// P(|T| >= |t|).
std::optional<double> TwoSidedP(double t, double df);

// The standard normal distribution: P(Z > z), any z; and the z with P(Z > z) = tail, 0 < tail < 1.
double UpperNormalTail(double z);
double UpperNormalQuantile(double tail);

// The z with P(Z <= z) = p, 0 < p < 1, in double precision alone: a third of the time, and enough for a random draw.
double NormalDraw(double p);

// X successes in n >= 0 trials of probability p, 0 <= p <= 1; 0 <= k <= n: P(X = k), P(X <= k) and P(X > k).
double BinomialAt(double k, double n, double p);
double BinomialUpTo(double k, double n, double p);
double BinomialAbove(double k, double n, double p);

// The x with P(X <= x) = p, 0 <= p < 1, of a chi-squared X with df > 0.
double ChiSquaredQuantile(double p, double df);

}  // namespace axiometer
