#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/io/line_channel.h"

namespace axiometer {

// For programs of the user's that we start and do not confine: a model server, a model of one's
// own.

// The program of this name: a path, or what PATH has. The error ends with `hint`.
Result<std::string> FindProgram(const std::string& name, const std::string& hint);

// NAME=value of what such a program needs to start, on a GPU or in a Python of its own too: PATH,
// HOME, locale, temporary folder, loader and accelerator variables. Nothing whose name says that it
// is a key, token or secret.
std::vector<std::string> ProgramEnvironment();

// What a program writes beside its answers, in memory: a file without a name, whose beginning goes
// when it grows large.
class ProgramLog {
 public:
  ProgramLog();
  int descriptor() const { return file_.get(); }
  void Bound() const;             // to 8 MiB
  std::string LastWords() const;  // "; it said: …" in one line, or nothing
  std::string LastLine() const;   // the last that is not blank

 private:
  std::string End(size_t bytes) const;

  Descriptor file_;
};

}  // namespace axiometer
