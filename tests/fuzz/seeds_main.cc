// The main program of a fuzz target that is built without libFuzzer:
//
//     NAME_fuzz FOLDER [CHANGED [SEED]]
//
// gives the target no byte at all, every file of the folder, then CHANGED inputs made of them: a few bytes
// changed, erased, repeated or taken from another file. It follows from SEED (1) which. Blind where libFuzzer
// sees what it reaches, but it needs no build of its own. An input that ends the process, or takes more
// than 10 s of processor time, is left in ./NAME_fuzz-input. Status 1: no file, or one that cannot be read.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

constexpr size_t kMostBytes = 20'000;
constexpr itimerval kMostTime = {{0, 0}, {10, 0}};

const std::string* current = nullptr;

void KeepInput(int signal) {
  std::string name = std::string(program_invocation_short_name) + "-input";
  const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && current != nullptr) {
    [[maybe_unused]] const ssize_t written = write(file, current->data(), current->size());
  }
  std::fprintf(stderr, "ended by signal %d; the input is in %s\n", signal, name.c_str());
  _exit(1);
}

void Give(const std::string& input) {
  current = &input;
  setitimer(ITIMER_PROF, &kMostTime, nullptr);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::string Changed(const std::vector<std::string>& inputs, std::mt19937_64& random) {
  static constexpr std::string_view kPieces[] = {
      "{", "}", "[", "]", "\"", ",", ":", "\\", "\\ud800", "\n", "\r\n", "\t", "null", "-", "0", "1e999", "-1",
      "9223372036854775808", "é", "\xFF", std::string_view("\0", 1), "\xE2\x80\xA8", "'", "#", "|", "...", "---\n"};
  const auto below = [&random](size_t bound) { return bound == 0 ? 0 : static_cast<size_t>(random() % bound); };
  std::string text = inputs[below(inputs.size())];
  for (size_t changes = 1 + below(5); changes > 0; --changes) {
    const size_t at = below(text.size() + 1);
    const std::string& other = below(3) == 0 ? inputs[below(inputs.size())] : text;
    switch (below(5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + below(1 + below(40)));
        break;
      case 2:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 3:
        if (at < text.size()) text.replace(at, 1, kPieces[below(std::size(kPieces))]);
        break;
      default:
        text.insert(at, std::string(other, below(other.size() + 1), 1 + below(1 + below(80))));
    }
  }
  if (text.size() > kMostBytes) text.resize(kMostBytes);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [CHANGED [SEED]]\n", program_invocation_short_name);
    return 2;
  }
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(argv[1], failed), end; !failed && at != end; at.increment(failed)) {
    files.push_back(at->path());
  }
  if (failed || files.empty()) {
    std::fprintf(stderr, "%s: %s\n", argv[1], failed ? failed.message().c_str() : "no file");
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGPROF}) ::signal(number, KeepInput);
  Give("");
  std::vector<std::string> inputs;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s cannot be read\n", file.c_str());
      return 1;
    }
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    Give(inputs.back());
  }
  const long changed = argc > 2 ? std::atol(argv[2]) : 0;
  std::mt19937_64 random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  for (long i = 0; i < changed; ++i) Give(Changed(inputs, random));
  std::printf("%zu inputs, and %ld changed ones\n", files.size(), changed);
}
