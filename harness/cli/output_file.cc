#include "harness/cli/output_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "harness/base/utf8.h"
#include "harness/cli/live_display.h"
#include "harness/cli/say.h"
#include "reports/figures.h"

namespace axiometer {
namespace {

constexpr size_t kPageBytes = 2'000'000;           // of one HTML page, trajectories included
constexpr double kFewestTrajectoryBytes = 20'000;  // less is not worth reading them
constexpr double kEscaped = 0.6;                   // share of the room that is left that text may take before markup

Error Problem(const std::string& where) {
  return Failed(where, std::string("cannot be written: ") + std::strerror(errno), "name another file with -o");
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) stream_.open(path_ + ".part", std::ios::binary | std::ios::trunc);
}

OutputFile::~OutputFile() {
  if (!path_.empty() && !kept_) std::remove((path_ + ".part").c_str());
}

Result<void> OutputFile::Write(std::string_view text) {
  if (path_.empty()) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return Problem("standard output");
    return {};
  }
  stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream_) return Problem(path_);
  return {};
}

Result<void> OutputFile::Keep() {
  if (path_.empty()) {
    if (std::fflush(stdout) != 0) return Problem("standard output");
    return {};
  }
  stream_.close();
  if (!stream_ || std::rename((path_ + ".part").c_str(), path_.c_str()) != 0) return Problem(path_);
  kept_ = true;
  return {};
}

Result<void> WriteOutput(const std::string& path, std::string_view text) {
  OutputFile file(path);
  Result<void> written = file.Write(text);
  if (written) written = file.Keep();
  if (written && !path.empty()) Say(path);
  return written;
}

Result<void> WriteFiguresTo(const std::string& folder, const Document& document) {
  if (folder.empty()) return {};
  const Result<int> written = WriteFigures(document, folder);
  if (!written) return written.error();
  Say(folder + ": " + std::to_string(*written) + (*written == 1 ? " figure" : " figures"));
  return {};
}

Result<void> FillPage(StoreReader& store, Document& document) {
  const size_t bare = FitExcerpts(kPageBytes, document);
  const double room = bare < kPageBytes ? kEscaped * static_cast<double>(kPageBytes - bare) : 0;
  if (room <= kFewestTrajectoryBytes) return {};
  return AttachTrajectories(store, static_cast<size_t>(room), document);
}

Result<std::string> FormatOf(const std::string& format, const std::string& output, bool json) {
  if (json) return std::string("json");
  if (!format.empty()) return format;
  const std::string ending = std::filesystem::path(output).extension().string();
  if (output.empty() || ending == ".txt") return std::string("text");
  if (ending == ".html" || ending == ".htm") return std::string("html");
  if (ending == ".md") return std::string("markdown");
  if (ending == ".json") return std::string("json");
  if (ending == ".csv") return std::string("csv");
  return UsageError("-o", "no format goes with the ending of " + Quoted(output),
                    "say --format text, markdown, json, html or csv");
}

std::string Rendered(const Document& document, const std::string& format, bool terminal) {
  if (format == "html") return ToHtml(document);
  if (format == "markdown") return ToMarkdown(document);
  if (format == "json") return ToJson(document);
  if (format == "csv") return ToCsv(document);
  if (format == "sections") return ToHtmlSections(document);
  return ToTerminal(document, terminal ? TerminalWidth(1) : 80, terminal && UsesColor(1));
}

}  // namespace axiometer
