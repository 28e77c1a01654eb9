#pragma once

#include <vector>

#include "reports/stats/answer_order.h"
#include "tests/validity/simulation.h"

namespace axiometer {

// Tasks with two options, asked in both orders: log odds of the first option by task and cluster, and what being
// printed first adds to them.
struct OrderShape {
  std::vector<int> clusters;
  double bias = 0.5;     // log odds
  double leaning = 0.4;  // of option 0
};

inline std::vector<OrderedAnswers> DrawOrders(const OrderShape& shape, Dice& dice) {
  std::vector<OrderedAnswers> tasks;
  for (size_t g = 0; g < shape.clusters.size(); ++g) {
    const double cluster = shape.leaning + 0.5 * dice.Normal();
    const double bias = shape.bias + 0.3 * dice.Normal();
    for (int i = 0; i < shape.clusters[g]; ++i) {
      const double task = cluster + 1.2 * dice.Normal();
      OrderedAnswers answers;
      answers.cluster = static_cast<int>(g);
      const double forward = dice.Uniform() < Expit(task + bias);
      const double backward = dice.Uniform() < Expit(task - bias);
      answers.forward = {forward, 1 - forward};
      answers.backward = {backward, 1 - backward};
      tasks.push_back(std::move(answers));
    }
  }
  return tasks;
}

struct OrderRates {
  Rate bias;
  Rate preference;
  Rate consistency;
  Rate beyond_chance;
  Rate false_bias;  // p < 0.05
};

inline OrderRates SimulateOrder(const OrderShape& shape, int repetitions, uint64_t seed) {
  Dice dice(seed);
  OrderShape many = shape;
  many.clusters.assign(300'000, 1);
  const OrderEffect truth = EffectOfOrder(DrawOrders(many, dice));
  OrderRates rates;
  for (int i = 0; i < repetitions; ++i) {
    const OrderEffect effect = EffectOfOrder(DrawOrders(shape, dice));
    CountCover(effect.position_bias, shape.bias == 0 ? 0 : *truth.position_bias.value, rates.bias);
    CountCover(effect.preference, *truth.preference.value, rates.preference);
    CountCover(effect.consistency, *truth.consistency.value, rates.consistency);
    CountCover(effect.beyond_chance, *truth.beyond_chance.value, rates.beyond_chance);
    rates.false_bias.Count(effect.position_bias_p && *effect.position_bias_p < 0.05);
  }
  return rates;
}

}  // namespace axiometer
