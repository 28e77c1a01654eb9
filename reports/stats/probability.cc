#include "reports/stats/probability.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <exception>

namespace axiometer {
namespace {

// What `compute` of the distribution gives, if that is a number.
template <class Compute>
std::optional<double> Guarded(double df, Compute compute) {
  if (!(df > 0) || !std::isfinite(df)) return std::nullopt;
  try {
    const double result = compute(boost::math::students_t(df));
    if (std::isfinite(result)) return result;
  } catch (const std::exception&) {  // overflow and domain errors
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> UpperTQuantile(double tail, double df) {
  if (!(tail > 0 && tail < 1)) return std::nullopt;
  return Guarded(df, [tail](const boost::math::students_t& t) {
    return boost::math::quantile(boost::math::complement(t, tail));
  });
}

std::optional<double> TCdf(double t, double df) {
  if (!std::isfinite(t)) return std::nullopt;
  return Guarded(df, [t](const boost::math::students_t& law) { return boost::math::cdf(law, t); });
}

std::optional<double> TwoSidedP(double t, double df) {
  const std::optional<double> tail = TCdf(-std::fabs(t), df);
  if (!tail) return std::nullopt;
  return std::min(1.0, 2 * *tail);
}

double UpperNormalTail(double z) { return boost::math::cdf(boost::math::complement(boost::math::normal(), z)); }

double UpperNormalQuantile(double tail) {
  return boost::math::quantile(boost::math::complement(boost::math::normal(), tail));
}

double NormalDraw(double p) {
  using Double = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  return boost::math::quantile(boost::math::normal_distribution<double, Double>(), p);
}

double BinomialAt(double k, double n, double p) { return boost::math::pdf(boost::math::binomial(n, p), k); }

double BinomialUpTo(double k, double n, double p) { return boost::math::cdf(boost::math::binomial(n, p), k); }

double BinomialAbove(double k, double n, double p) {
  return boost::math::cdf(boost::math::complement(boost::math::binomial(n, p), k));
}

double ChiSquaredQuantile(double p, double df) { return boost::math::quantile(boost::math::chi_squared(df), p); }

}  // namespace axiometer
