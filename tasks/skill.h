#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "tasks/task.h"

namespace axiometer {

// Instructions that are laid before a subject on top of its task: a folder with a SKILL.md, and
// with texts that it refers to in `references`.
struct SkillFile {
  std::string path;  // within the folder: "SKILL.md", "references/conflict-examples.md"
  std::string text;
};
struct Skill {
  std::string name;              // as its front matter has it; without one, the folder's
  std::vector<SkillFile> files;  // SKILL.md, then the references (*.md) by name
  std::string digest;            // SHA-256 over paths and texts
};

// Error: no SKILL.md, front matter that is no YAML, a text that is not UTF-8 or larger than 1 MB.
Result<Skill> ReadSkill(const std::string& directory);

// `text` without a front matter.
std::string WithoutFrontMatter(const std::string& text);

// Every task of `source` with the skill. Without `block`, all its texts end the system message,
// which is made if there is none. With it, which is a published protocol's own announcement of a
// skill, the block and below it the files, each under the path by which the block names them, end
// the user message: these subjects have no folder to read them from.
std::unique_ptr<TaskSource> WithSkill(std::unique_ptr<TaskSource> source, Skill skill,
                                      std::string block);

}  // namespace axiometer
