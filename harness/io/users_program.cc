#include "harness/io/users_program.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "harness/base/utf8.h"

extern char** environ;

namespace axiometer {
namespace {

constexpr off_t kMostBytes = 8 << 20;
constexpr size_t kLastWordsBytes = 600;

}  // namespace

Result<std::string> FindProgram(const std::string& name, const std::string& hint) {
  std::error_code ignored;
  if (name.find('/') != std::string::npos) {
    // Not made canonical: a virtual environment is known by the link through which it is started.
    const std::string path = std::filesystem::absolute(name).lexically_normal().string();
    if (access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, ignored))
      return path;
    return UsageError(name, "no such program", hint);
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string folder(rest.substr(0, colon));
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    const std::string path = (std::filesystem::absolute(folder.empty() ? "." : folder) / name)
                                 .lexically_normal()
                                 .string();
    if (access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, ignored))
      return path;
  }
  return Failed(name, "no such program on PATH", hint);
}

std::vector<std::string> ProgramEnvironment() {
  static constexpr std::string_view kNames[] = {
      "PATH",        "HOME",         "LANG",       "LC_ALL",     "TMPDIR",        "LD_LIBRARY_PATH",
      "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"};
  static constexpr std::string_view kPrefixes[] = {"CUDA_", "NVIDIA_", "HIP_", "ROCR_",
                                                   "HSA_",  "GGML_",   "OMP_", "ONEAPI_",
                                                   "SYCL_", "ZE_",     "VK_"};
  std::vector<std::string> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool wanted = std::ranges::find(kNames, name) != std::end(kNames) ||
                        std::ranges::any_of(kPrefixes, [name](std::string_view prefix) {
                          return name.starts_with(prefix);
                        });
    const bool secret =
        name.ends_with("_KEY") || name.ends_with("_TOKEN") || name.ends_with("_SECRET");
    if (wanted && !secret) kept.emplace_back(text);
  }
  return kept;
}

ProgramLog::ProgramLog() : file_(memfd_create("axiometer-log", MFD_CLOEXEC)) {}

// Cutting the file leaves a hole before what comes next.
void ProgramLog::Bound() const {
  struct stat log {};
  if (fstat(file_.get(), &log) != 0 || log.st_blocks * 512 <= kMostBytes) return;
  if (ftruncate(file_.get(), 0) != 0) return;  // it stays as large as it is
}

std::string ProgramLog::End(size_t bytes) const {
  struct stat log {};
  if (!file_ || fstat(file_.get(), &log) != 0 || log.st_size == 0) return "";
  std::string text(std::min<size_t>(bytes, static_cast<size_t>(log.st_size)), '\0');
  const ssize_t got =
      pread(file_.get(), text.data(), text.size(), log.st_size - static_cast<off_t>(text.size()));
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  std::erase(text, '\0');  // of a hole
  const size_t end = text.find_last_not_of(" \n\r\t");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

std::string ProgramLog::LastLine() const {
  const std::string text = End(16u << 10);
  return text.substr(text.rfind('\n') + 1);
}

std::string ProgramLog::LastWords() const {
  std::string text = End(kLastWordsBytes);
  for (char& c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return text.empty() ? "" : "; it said: " + ForTerminal(text);
}

}  // namespace axiometer
