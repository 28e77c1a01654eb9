#include "harness/model/gguf.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "harness/base/digest.h"
#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr uint64_t kMostText = 16u << 20;  // of one text that is kept
constexpr uint64_t kMostPairs = 1u << 20;

enum ValueType : uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kText = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12
};

uint64_t SizeOf(uint32_t type) {
  switch (type) {
    case kUint8:
    case kInt8:
    case kBool:
      return 1;
    case kUint16:
    case kInt16:
      return 2;
    case kUint32:
    case kInt32:
    case kFloat32:
      return 4;
    case kUint64:
    case kInt64:
    case kFloat64:
      return 8;
    default:
      return 0;
  }
}

// Reads forward through the head; every read says whether the file has it.
class Head {
 public:
  Head(std::ifstream& file, uint64_t size) : file_(file), size_(size) {}

  template <class T>
  bool Number(T& value) {
    return Bytes(&value, sizeof value);
  }
  bool Text(std::string& text) {
    uint64_t length = 0;
    if (!Number(length) || length > kMostText || length > size_ - at_) return false;
    text.resize(length);
    return Bytes(text.data(), length);
  }
  bool Skip(uint64_t bytes) {
    if (bytes > size_ - at_) return false;
    at_ += bytes;
    return static_cast<bool>(file_.seekg(static_cast<std::streamoff>(at_)));
  }
  // A value that nobody asked for.
  bool SkipValue(uint32_t type) {
    if (type == kText) return SkipText();
    if (type != kArray) return SizeOf(type) != 0 && Skip(SizeOf(type));
    uint32_t element = 0;
    uint64_t count = 0;
    if (!Number(element) || !Number(count)) return false;
    if (const uint64_t size = SizeOf(element); size != 0)
      return count <= size_ / size && Skip(count * size);
    if (element != kText) return false;
    for (uint64_t i = 0; i < count; ++i) {
      if (!SkipText()) return false;
    }
    return true;
  }

 private:
  bool SkipText() {
    uint64_t length = 0;
    return Number(length) && Skip(length);
  }
  bool Bytes(void* out, uint64_t bytes) {
    if (bytes > size_ - at_) return false;
    at_ += bytes;
    return static_cast<bool>(
        file_.read(static_cast<char*>(out), static_cast<std::streamsize>(bytes)));
  }

  std::ifstream& file_;
  const uint64_t size_;
  uint64_t at_ = 0;
};

std::optional<int64_t> ReadInteger(Head& head, uint32_t type) {
  if (type == kUint32) {
    uint32_t value = 0;
    return head.Number(value) ? std::optional<int64_t>(value) : std::nullopt;
  }
  if (type == kUint64) {
    uint64_t value = 0;
    return head.Number(value) ? std::optional<int64_t>(static_cast<int64_t>(value)) : std::nullopt;
  }
  return head.SkipValue(type) ? std::optional<int64_t>(0) : std::nullopt;
}

// False: the head is cut short or no such head.
bool ReadPairs(Head& head, uint64_t count, GgufFacts& facts) {
  for (uint64_t i = 0; i < count; ++i) {
    std::string key;
    uint32_t type = 0;
    if (!head.Text(key) || !head.Number(type)) return false;
    const bool text = type == kText;
    if (text && key == "general.name") {
      if (!head.Text(facts.name)) return false;
    } else if (text && key == "general.architecture") {
      if (!head.Text(facts.architecture)) return false;
    } else if (text && key == "tokenizer.chat_template") {
      std::string chat_template;
      if (!head.Text(chat_template)) return false;
      facts.has_chat_template = true;
      facts.template_knows_tools = chat_template.find("tools") != std::string::npos;
    } else if (key.ends_with(".context_length")) {
      const std::optional<int64_t> length = ReadInteger(head, type);
      if (!length) return false;
      facts.context_length = std::max<int64_t>(0, *length);
    } else if (!head.SkipValue(type)) {
      return false;
    }
  }
  return true;
}

std::string SampledDigest(std::ifstream& file, uint64_t size) {
  constexpr uint64_t kFirst = 1u << 20;
  constexpr uint64_t kBlock = 64u << 10;
  constexpr uint64_t kBlocks = 64;
  Sha256Stream digest;
  digest.Update(std::to_string(size) + "\n");
  std::string bytes(kFirst, '\0');
  const auto add = [&](uint64_t at, uint64_t length) {
    file.clear();
    file.seekg(static_cast<std::streamoff>(at));
    file.read(bytes.data(), static_cast<std::streamsize>(std::min(length, size - at)));
    digest.Update(std::string_view(bytes).substr(0, static_cast<size_t>(file.gcount())));
  };
  add(0, kFirst);
  for (uint64_t i = 1; i <= kBlocks && size > kFirst; ++i) {
    const uint64_t last = size - std::min(size, kBlock);
    add(last / kBlocks * i, kBlock);
  }
  return digest.Hex();
}

}  // namespace

Result<GgufFacts> ReadGguf(const std::string& path) {
  const std::string where = "model file " + Quoted(path);
  struct stat found {};
  if (stat(path.c_str(), &found) != 0)
    return UsageError(where, std::strerror(errno), "name a .gguf file: llama/PATH.gguf");
  if (!S_ISREG(found.st_mode))
    return UsageError(where, "is no file", "name a .gguf file: llama/PATH.gguf");
  std::ifstream file(path, std::ios::binary);
  if (!file) return UsageError(where, "cannot be read: " + std::string(std::strerror(errno)));
  const auto size = static_cast<uint64_t>(found.st_size);
  Head head(file, size);
  uint32_t magic = 0;
  uint32_t version = 0;
  if (!head.Number(magic) || std::memcmp(&magic, "GGUF", 4) != 0) {
    return UsageError(where, "is no GGUF file",
                      "llama.cpp's convert_hf_to_gguf.py makes one of a model in another form");
  }
  uint64_t tensors = 0;
  uint64_t pairs = 0;
  if (!head.Number(version) || version < 2 || version > 3) {
    return UsageError(where,
                      "is GGUF of version " + std::to_string(version) + "; 2 and 3 are known");
  }
  GgufFacts facts;
  if (!head.Number(tensors) || !head.Number(pairs) || pairs > kMostPairs ||
      !ReadPairs(head, pairs, facts)) {
    return UsageError(where, "its head is cut short or damaged", "fetch the file again");
  }
  facts.file_digest = SampledDigest(file, size);
  return facts;
}

}  // namespace axiometer
