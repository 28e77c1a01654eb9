#include <algorithm>
#include <cctype>
#include <set>

#include "reports/difference_text.h"
#include "reports/plain_text.h"
#include "reports/sections.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

constexpr int kMoreTasks = 40;         // what so many more would bring is said
constexpr size_t kLargestMatrix = 16;  // dimensions; beyond, a heat map cannot be read
constexpr size_t kManyProfiles = 4;     // beyond, each is folded

std::vector<const DimensionResult*> ByMean(const SystemResult& system) {
  std::vector<const DimensionResult*> order;
  for (const DimensionResult& dimension : system.dimensions) order.push_back(&dimension);
  std::stable_sort(order.begin(), order.end(), [](const auto* x, const auto* y) {
    return x->mean.value.value_or(-1) > y->mean.value.value_or(-1);
  });
  return order;
}

ForestRow PlotRow(const std::string& label, const Estimate& mean,
                  const std::optional<Bounds>& bounds, int64_t scored, int64_t unscored) {
  ForestRow row;
  row.label = label;
  row.value = mean.value;
  row.interval = mean.interval;
  row.scored = scored;
  row.unscored = unscored;
  row.reason = mean.reason;
  row.caution = mean.caution;
  if (bounds) {
    row.bound_low = bounds->low;
    row.bound_high = bounds->high;
  }
  return row;
}

HeatMap Pairs(const RunView& run, const JudgeResult& judge, const SystemResult& system, const std::string& id) {
  HeatMap map;
  map.id = id;
  map.file = run.FileName("pairs", system.value_system, &judge);
  map.detail = true;
  map.title = system.value_system + ": which value won against which";
  map.caption =
      "Share of tasks in which the row's value scored higher than the column's; an equal score "
      "counts half. "
      "Each cell rests on the few tasks that set these two against each other, so a difference "
      "between "
      "two values is also one between those tasks.";
  map.labels = system.pairs.dimensions;
  int64_t games = 0;
  for (const PairMatrix::Record& record : system.pairs.records) games += record.games;
  map.full_caption = map.caption + " " + Grouped(games / 2) + " tasks with a score of both values.";
  for (size_t i = 0; i < map.labels.size(); ++i) {
    for (size_t j = 0; j < map.labels.size(); ++j) {
      const PairMatrix::Record& record = system.pairs.at(i, j);
      HeatMap::Cell cell;
      if (record.games > 0) {
        cell.share = (static_cast<double>(record.wins) + 0.5 * static_cast<double>(record.ties)) /
                     static_cast<double>(record.games);
        cell.text = std::to_string(record.wins);
        if (record.ties > 0) cell.text += " + " + std::to_string(record.ties) + " equal";
        cell.text += " of " + std::to_string(record.games);
      }
      map.cells.push_back(std::move(cell));
    }
  }
  return map;
}

Table DimensionTable(const SystemResult& system, const std::string& id) {
  Table table;
  table.id = id;
  table.detail = true;
  table.caption =
      "Tasks in which this value scored higher than, lower than or the same as the value it was "
      "set against; samples "
      "without a score, and where the mean would lie had every one of them scored 0, or 1.";
  table.columns = {{"Dimension", false}, {"Won", true},     {"Lost", true},
                   {"Equal", true},      {"Missing", true}, {"Mean, if 0 … if 1", true}};
  for (const DimensionResult* dimension : ByMean(system)) {
    table.rows.push_back(
        {dimension->dimension, Grouped(dimension->wins), Grouped(dimension->losses),
         Grouped(dimension->ties), Grouped(dimension->unscored),
         dimension->bounds ? BoundsText(*dimension->bounds) : "–"});
  }
  return table;
}

// Where the noise of each dimension's mean comes from, and what would lessen it, if anything was repeated.
void AddNoiseOfDimensions(const SystemResult& system, const std::string& id, Section& section) {
  std::vector<std::string> parts;  // by level, coarse to fine
  bool epochs = false;
  for (const char* part : {"clusters", "tasks", "repetition", "judge"}) {
    if (std::ranges::any_of(system.dimensions, [&](const DimensionResult& dimension) {
          return std::ranges::any_of(SharesOfNoise(dimension.noise), [&](const NoiseShare& share) { return share.part == part; });
        })) {
      parts.emplace_back(part);
    }
  }
  // With one epoch and one judgement of each there is little to tell apart.
  const bool repeated = std::ranges::any_of(parts, [](const std::string& part) { return part == "repetition" || part == "judge"; });
  if (!repeated) return;
  Table table;
  table.id = id;
  table.detail = true;
  table.title = system.value_system + ": what its intervals rest on";
  table.caption = "Shares of the variance of a mean, by nested analysis of variance; a level that has nothing to compare is "
                  "inside the one before it. ~: not distinguishable from 0. Behind them by how much the interval would be "
                  "shorter with more of something.";
  table.columns = {{"Dimension", false}};
  for (const std::string& part : parts) {
    table.columns.push_back({static_cast<char>(std::toupper(part[0])) + part.substr(1), true});
    epochs = epochs || part == "repetition";
  }
  if (epochs) table.columns.push_back({"An epoch more", true});
  table.columns.push_back({std::to_string(kMoreTasks) + " tasks more", true});
  const auto percent = [](double share) { return Fixed(100 * share, 0) + " %"; };
  for (const DimensionResult* dimension : ByMean(system)) {
    const VarianceComponents& noise = dimension->noise;
    const std::vector<NoiseShare> shares = SharesOfNoise(noise);
    std::vector<std::string> row{dimension->dimension};
    for (const std::string& part : parts) {
      const auto found = std::ranges::find(shares, part, &NoiseShare::part);
      row.push_back(found == shares.end() ? "–" : (found->indistinct ? "~" : "") + percent(found->share));
    }
    const auto narrowing = [&](const NoiseDesign& design) {
      const std::optional<double> by = shares.empty() ? std::nullopt : Narrowing(noise, design);
      row.push_back(by ? percent(std::max(0.0, *by)) : "–");
    };
    if (epochs) {
      if (noise.repetition) narrowing(WithMoreEpochs(noise, 1));
      else row.push_back("–");
    }
    narrowing(WithMoreTasks(noise, kMoreTasks));
    table.rows.push_back(std::move(row));
  }
  section.blocks.push_back(std::move(table));
}

void AddPairs(const RunView& run, const JudgeResult& judge, const SystemResult& system, const std::string& id,
              Section& section) {
  section.blocks.push_back(DimensionTable(system, id + "-table"));
  AddNoiseOfDimensions(system, id + "-noise", section);
  if (system.pairs.dimensions.size() <= kLargestMatrix)
    section.blocks.push_back(Pairs(run, judge, system, id + "-pairs"));
}

// Where the noise of the system's mean comes from, and what would lessen it.
void AddNoise(const SystemResult& system, Section& section) {
  if (!system.mean.interval) return;
  section.blocks.push_back(Paragraph{DescribeNoise(system.noise, kMoreTasks), false});
}

// Tasks that set the value against another; of dilemmas that are answered, dilemmas, however often each is put.
size_t TasksOf(const RunData& run, const DimensionResult& dimension) {
  std::set<std::string> tasks;
  for (const TaskFacts& task : run.tasks) {
    if (task.value_system != dimension.value_system) continue;
    if (task.pole_a != dimension.dimension && task.pole_b != dimension.dimension) continue;
    const std::string& dilemma = task.tag(kDilemmaTag);
    tasks.insert(dilemma.empty() ? task.id : dilemma);
  }
  return tasks.size();
}

// Below six no test of signs can tell a value from its opposite (2^(1 - 5) > 0.05).
void AddFewTasks(const RunData& run, const SystemResult& system, Section& section) {
  constexpr size_t kFew = 6;
  std::string few;
  size_t values = 0;
  for (const DimensionResult& dimension : system.dimensions) {
    const size_t tasks = TasksOf(run, dimension);
    if (tasks >= kFew) continue;
    few += (values++ > 0 ? ", " : "") + dimension.dimension + " (" + std::to_string(tasks) + ")";
  }
  if (values == 0) return;
  section.blocks.push_back(Paragraph{
      (values == system.dimensions.size() ? "Every value of " + system.value_system + " is met in fewer than 6 tasks: "
                                          : "Met in fewer than 6 tasks: ") +
          few + ". Such a mean says more about these tasks than about the value.",
      true});
}

}  // namespace

ForestPlot ProfilePlot(const RunView& run, const JudgeResult& judge, const SystemResult& system,
                       const std::string& id) {
  ForestPlot plot;
  plot.id = id;
  plot.title = system.value_system;
  plot.file = run.FileName("profile", system.value_system, &judge);
  std::vector<std::string> names;
  for (const DimensionResult& dimension : system.dimensions) names.push_back(dimension.dimension);
  plot.circle = CircleOf({run.circles.begin(), run.circles.end()}, system.value_system, names);
  const std::string clusters = run.cluster_name();
  plot.axis = run.data.form() == "choice"   ? "share of answers for the value's course"
              : run.data.form() == "survey" ? "mean place towards the value's statement"
                                            : "mean share of the pole's points";
  plot.caption =
      (run.data.form() == "choice"
           ? std::string(
                 "How often the course was chosen that follows each value: 0 never, 1 always")
       : run.data.form() == "survey" ? std::string("How far the subject placed itself towards each "
                                                   "value's statement: 0 not at all, 0.5 in the "
                                                   "middle, 1 altogether")
                                     : "How strongly the agent acted on each value, as judged by " +
                                           judge.judge + ": 0 none of the points, 1 all of them") +
      ". Mean over tasks (epochs averaged first)";
  const auto any = [&](const auto& says) { return std::ranges::any_of(system.dimensions, says, &DimensionResult::mean); };
  if (any([](const Estimate& mean) { return mean.interval.has_value(); })) {
    plot.caption += ", line: 95 % interval (cluster-robust by " + clusters + ", CR2; Wilson form with Student's t; " +
                    std::to_string(system.mean.clusters) + " " + clusters + (system.mean.clusters == 1 ? "" : "s") + ")";
    if (any([](const Estimate& mean) { return mean.method.starts_with(kEqualClusterMeans); })) {
      plot.caption += ", of rows whose " + clusters + "s are all alike Clopper and Pearson's at an edge";
    }
    plot.caption += ". Where lines overlap, these data do not decide the order.";
  } else {
    plot.caption += ".";
  }
  bool bounded = false;
  bool rough = !system.mean.caution.empty();
  for (const DimensionResult* dimension : ByMean(system)) {
    plot.rows.push_back(PlotRow(dimension->dimension, dimension->mean, dimension->bounds,
                                dimension->scored, dimension->unscored));
    bounded = bounded || dimension->bounds;
    rough = rough || !dimension->mean.caution.empty();
  }
  if (rough)
    plot.caption += " Broken line: rests on few or very unequal " + clusters + "s; a rough guide.";
  if (bounded)
    plot.caption += " Where samples are missing, the mean had all of them scored 0, or 1: a pale band in the figure, in text \"whatever is missing\".";
  plot.full_caption = plot.caption + " n: samples with a score, of those wanted where some have none; of the system " +
                      CountText(system.scored, system.unscored) + ".";
  if (run.answers_dilemmas()) return plot;  // whatever was answered, the mean of all is one half
  ForestRow whole =
      PlotRow("all, unweighted", system.mean, system.bounds, system.scored, system.unscored);
  whole.summary = true;
  plot.rows.push_back(std::move(whole));
  return plot;
}

void AddProfiles(const RunView& run, Document& document) {
  int number = 0;
  for (const JudgeResult& judge : run.result.judges) {
    ++number;
    if (judge.systems.empty()) continue;
    const std::string id = run.prefix + "profile-" + std::to_string(number);
    const bool many = judge.systems.size() > kManyProfiles;
    Section section;
    section.id = id;
    section.title = "Value profile";
    if (run.data.is_valuebench()) section.title = "The same scores with their uncertainty";
    if (run.result.judges.size() > 1) section.title += ", by " + judge.judge;
    section.title = run.Titled(section.title);
    if (many) {
      Table table;
      table.id = id + "-systems";
      table.caption =
          "Mean share of the points over all values of a system, 0 to 1, with its 95 % interval "
          "(both values of a task "
          "taken together within environments).";
      table.columns = {
          {"Value system", false}, {"Mean [95 %]", true}, {"Values", true}, {"Samples", true}};
      for (const SystemResult& system : judge.systems) {
        table.rows.push_back({system.value_system, EstimateText(system.mean),
                              std::to_string(system.dimensions.size()),
                              CountText(system.scored, system.unscored)});
      }
      section.blocks.push_back(std::move(table));
    }
    if (!judge.voided.empty()) {
      section.blocks.push_back(Paragraph{"These scores are " + judge.voided +
                                             ". Failed are environments that broke, limits without points, model errors and judgements. Give the "
                                             "command of the run with --retry-errors, which repeats errors, or allow more "
                                             "with --fail-on-error; counts and bounds stand.",
                                         true});
    }
    if (!judge.standing.fitness.empty()) {
      section.blocks.push_back(Paragraph{"Against people this judge is " + judge.standing.fitness +
                                             (judge.standing.unfit ? ". Its scores are not to be relied on." : "."),
                                         judge.standing.fitness != "fit"});
    }
    if (!many) {
      std::string said;  // a caption is not repeated below every plot
      for (const SystemResult& system : judge.systems) {
        const std::string base = id + "-" + std::to_string(&system - judge.systems.data());
        ForestPlot plot = ProfilePlot(run, judge, system, base + "-plot");
        if (plot.caption == said) plot.caption.clear();
        if (!plot.caption.empty()) said = plot.caption;
        section.blocks.push_back(std::move(plot));
        if (!run.answers_dilemmas()) AddNoise(system, section);
        AddFewTasks(run.data, system, section);
        AddPairs(run, judge, system, base, section);
      }
      document.sections.push_back(std::move(section));
      continue;
    }
    document.sections.push_back(std::move(section));
    for (const SystemResult& system : judge.systems) {
      const std::string base = id + "-" + std::to_string(&system - judge.systems.data());
      Section one;
      one.id = base;
      one.title = run.Titled(system.value_system);
      one.detail = true;
      one.minor = true;
      one.blocks.push_back(ProfilePlot(run, judge, system, base + "-plot"));
      if (!run.answers_dilemmas()) AddNoise(system, one);
      AddFewTasks(run.data, system, one);
      AddPairs(run, judge, system, base, one);
      document.sections.push_back(std::move(one));
    }
  }
}

}  // namespace axiometer
