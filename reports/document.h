#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/result.h"
#include "reports/data.h"
#include "reports/failure_budget.h"
#include "reports/metrics.h"
#include "tasks/value_system.h"

// A report as a document: what it says, apart from how it is shown. Every renderer takes the same
// Document. Texts are as written by whoever wrote them; each renderer makes them harmless.
namespace axiometer {

struct Paragraph {
  std::string text;
  bool note = false;  // a caveat, set apart
};

struct Column {
  std::string title;
  bool number = false;  // right aligned
};
// The sample behind a table's row, for the viewer: of one run, or of several side by side.
struct SampleLink {
  std::vector<std::string> runs;  // ids
  std::string task;               // id
};
struct Table {
  std::string id;  // [a-z0-9-]+, unique within the document
  std::string title;
  std::string caption;  // what the numbers are, in a sentence
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // one cell a column
  bool detail = false;  // left out of the terminal
  std::vector<SampleLink> links;  // one a row, or none at all
};

// What all figures have.
struct Figure {
  std::string id;  // as of Table
  std::string title;
  std::string caption;
  // Of its file, [a-z0-9-]+, without ending (reports/figures.h); empty: the id.
  std::string file;
  // The caption where the figure stands alone: estimator, denominators (samples and clusters),
  // method and level of the interval. Empty: `caption` says all of it.
  std::string full_caption;
  bool drawn_only = false;  // its numbers stand in a table beside it: left out where nothing is drawn
};

// Means with intervals over one axis; a row without value says why.
struct ForestRow {
  std::string label;
  std::optional<double> value;
  std::optional<Interval> interval;
  std::optional<double> bound_low;  // had all missing scores been lowest, highest
  std::optional<double> bound_high;
  int64_t scored = 0;
  int64_t unscored = 0;
  std::string reason;    // why value or interval is absent; may be empty
  std::string caution;   // why the interval is a rough guide; may be empty
  bool summary = false;  // the system's own mean, set apart
  // Drawn only:
  std::optional<double> beside;  // a second number without an interval, as a hollow mark
  std::string remark;            // behind the numbers: "rank 2–5"
};
struct ForestPlot : Figure {
  std::string axis;  // label with unit
  std::string quantity = "Mean";  // what a row's number is, as a column's title
  double low = 0;    // of the axis
  double high = 1;
  std::optional<double> reference;  // a line to compare with, such as no difference
  std::string beside;               // what the hollow marks are: "baseline"; empty: there are none
  std::vector<ForestRow> rows;
  // Labels of the rows in the order of a circle on which neighbours are alike; each of them a
  // spoke, whether it has a row or not. Empty: no circle, and no circle plot beside this one.
  std::vector<std::string> circle;
};

// Means with intervals at ordered places, a panel a line, all over the same axes.
struct LineChart : Figure {
  struct Point {
    double at = 0;  // place on the horizontal axis; distances count
    std::optional<double> value;
    std::optional<Interval> interval;
    std::string caution;  // why the interval is a rough guide; may be empty
    std::string reason;   // why value or interval is absent; may be empty
  };
  struct Line {
    std::string label;
    std::string remark;         // beside the label: "0.02 a position"; may be empty
    std::vector<Point> points;  // the same places for every line, ascending; at least two
  };
  std::string axis;                // what the places are
  std::string quantity = "Mean";   // what a point's number is
  std::vector<std::string> ticks;  // of the places, in their order
  double low = 0;                  // of the vertical axis
  double high = 1;
  std::vector<Line> lines;
};

// Shares of a whole, in this order.
struct StackedBar : Figure {
  enum class Tone { kGood, kLimited, kSilent, kBroken, kAbsent, kPoleA, kPoleB, kEven };
  struct Part {
    std::string label;
    int64_t count = 0;
    Tone tone = Tone::kGood;
  };
  std::vector<Part> parts;
};

// How often the row's value won against the column's; no share: they never met. Or, with columns of
// its own, how often what the row names came out as what the column names.
struct HeatMap : Figure {
  struct Cell {
    std::optional<double> share;  // 0 to 1; of games with ties half
    std::string text;             // "2 of 3"; with columns of its own a count: "1,204"
  };
  std::vector<std::string> labels;   // of the rows
  std::vector<std::string> columns;  // empty: those of the rows, and a cell is a contest of the two
  std::string row_axis;              // what rows and columns are; with columns of its own
  std::string column_axis;
  std::vector<Cell> cells;  // row by row
  bool detail = false;      // left out of the terminal

  bool is_contest() const { return columns.empty(); }
  const std::vector<std::string>& across() const { return is_contest() ? labels : columns; }
};

using Block = std::variant<Paragraph, Table, ForestPlot, LineChart, StackedBar, HeatMap>;

struct Section {
  std::string id;  // [a-z0-9-]+, unique
  std::string title;
  std::vector<Block> blocks;
  bool detail = false;  // left out of the terminal, folded in HTML
  bool minor = false;   // a subsection of the last one that is not
};

// One line of the sample index.
struct SampleEntry {
  struct Event {          // of the trajectory, for reading
    std::string heading;  // "3 · assistant", "4 · tool read_policy"
    std::string text;
  };
  std::string run;   // shown if the report has several
  std::string task;  // id
  std::string title;
  int epoch = 1;
  std::string outcome;  // OutcomeName
  bool failed = false;  // the outcome is not judged
  std::string pole_a;
  std::string pole_b;
  std::optional<double> a;  // shares by the first judge that scored it
  std::optional<double> b;
  std::string leaning;  // ChoiceName; empty if unscored
  std::string excerpt;  // of the final text; may be empty
  std::string detail;   // why, for failures
  int64_t attempt = 0;
  std::vector<Event> events;  // empty: not attached
};

struct Document {
  std::string title;
  std::string subtitle;
  std::vector<Section> sections;
  int64_t sample_count = 0;          // of all runs
  std::vector<SampleEntry> samples;  // empty until ListSamples
  bool several_runs = false;
  std::string runs_json;  // the "runs" member of the JSON report
  std::string comparability_json;  // "comparability", of a comparison; empty: none
  std::vector<Metric> metrics;
};

// `budget`: beyond so many failures a run's means are withheld. `circles`: value systems that are circles and
// get a circle plot (tasks/value_system.h: LoadCircles).
Document BuildReport(const ReportData& data, const FailureBudget& budget = {},
                     const std::vector<ValueSystem>& circles = {});

// Adds an entry for every sample of the runs that `document` is of, which the HTML page alone shows.
void ListSamples(const ReportData& data, Document& document);

// Adds an entry for each sample that a table's links name, epoch by epoch, so that the HTML page can lead to it.
void ListLinkedSamples(const ReportData& data, Document& document);

// Puts `section` behind the section with the id `behind`; first where there is none.
void InsertSection(Section section, const std::string& behind, Document& document);

// Cuts the samples' excerpts, all in proportion, by as much as the HTML page is larger than `max_bytes`.
// Returns its size then, which is more only if there are not that many excerpts.
size_t FitExcerpts(size_t max_bytes, Document& document);

// Adds trajectories, in order, until `max_bytes` of text are used; each text is cut at
// `max_event_bytes`.
Result<void> AttachTrajectories(StoreReader& store, size_t max_bytes, Document& document,
                                size_t max_event_bytes = 1500);

// The points of a chart as a table, a row a line, with intervals or without. For renderers that draw
// nothing.
Table PointsOf(const LineChart& chart, bool intervals);

// Plain text of `width` columns (at least 40), ANSI colours if `color`.
std::string ToTerminal(const Document& document, int width, bool color);
std::string ToMarkdown(const Document& document);
// One self-contained file: no request leaves the page.
std::string ToHtml(const Document& document);
// What the viewer shows: a JSON object {"title", "subtitle", "dimensions": [name], "sections": [{"id", "title", "detail",
// "minor", "html"}]}, each section's blocks as HTML elements; links lead to the viewer's pages. One line feed at the end.
std::string ToHtmlSections(const Document& document);
// The metrics as one long table, a line each (REPORT_JSON.md; reports/csv_text.h): run, suite, protocol,
// metric, a column group_NAME for every name in any group, value, low, high, level, method, scored,
// unscored, reason, bound_low, bound_high.
std::string ToCsv(const Document& document);
// DESIGN section 7, REPORT_JSON.md; one line feed at the end.
std::string ToJson(const Document& document);

}  // namespace axiometer
