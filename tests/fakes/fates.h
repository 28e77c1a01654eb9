#pragma once

#include <time.h>

#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fakes/gzip_zeros.h"
#include "tests/fakes/wire.h"

namespace axiometer {

// What goes wrong with the mock endpoint's answers, and the ledger of what it was paid for.
//
// A request's fate is drawn from its bytes and the seed alone: the same in every run and at every
// repetition. Of those drawn, `kLastingShare` is lasting: every request of these bytes meets it.
// The others meet it the first time and are answered well afterwards. tests/cases/ENDURANCE.md has
// the table of fates.
class Fates {
 public:
  static constexpr double kLastingShare = 0.25;

  enum class Then {
    kKeep,
    kClose,   // with FIN
    kReset,   // with RST
    kRefuse,  // with RST, and nobody gets a connection for kRefusedUs
  };
  static constexpr int64_t kRefusedUs = 10'000;

  struct Piece {
    int64_t wait_us;  // after the one before
    std::string bytes;
  };
  struct Wire {
    std::vector<Piece> pieces;  // without one: nothing is ever sent and the connection stays
    Then then = Then::kKeep;    // after the last
    bool stalls = false;        // ... there is no last one
    bool usable = false;  // the client gets what it asked for: once it is all sent, it was paid for
    uint64_t request = 0;  // for Paid
  };

  // `share` of the requests meet a fate; 0: none.
  Fates(uint64_t seed, double share) : seed_(seed), share_(share) {}

  bool any() const { return share_ > 0; }

  // `well` makes the reply of a healthy endpoint: a body, its text `content_bytes` long unless that
  // is 0.
  Wire Draw(std::string_view body, const std::function<std::string(size_t content_bytes)>& well) {
    const uint64_t hash = Mix(std::hash<std::string_view>()(body) ^ (seed_ * 0x9e3779b97f4a7c15u));
    Line& line = ledger_[hash];
    if (line.requests++ == 0) {
      line.name = CaseIn(body);
      const uint64_t draw = Mix(hash);
      if (Fraction(Mix(draw + 1)) < share_) {
        line.fate = kNames[draw % kNames.size()];
        // Whole endpoints that refuse are rare, so that few requests meet it twice.
        if (line.fate == "refused" && Mix(draw + 2) % 8 != 0) line.fate = "reset_before";
        line.lasting = Fraction(Mix(draw + 3)) < kLastingShare && line.fate != "refused";
      }
    }
    Wire wire = line.fate.empty() || (line.requests > 1 && !line.lasting) ? Well(well)
                                                                          : Spoilt(line.fate, well);
    wire.request = hash;
    return wire;
  }

  // All of a usable wire was sent.
  void Paid(uint64_t request) { ++ledger_[request].paid; }

  // {"fates": [NAME, …], "requests": [{"case", "fate" (empty: none), "lasting", "requests",
  // "paid"}, …]}, a line for each distinct request.
  std::string Ledger() const {
    std::string text = "{\"fates\":[";
    for (const char* name : kNames)
      text += (text.back() == '[' ? "\"" : ",\"") + std::string(name) + "\"";
    text += "],\"requests\":[";
    for (const auto& [hash, line] : ledger_) {
      text += text.back() == '[' ? "\n" : ",\n";
      text += "{\"case\":\"" + line.name + "\",\"fate\":\"" + line.fate +
              "\",\"lasting\":" + (line.lasting ? "true" : "false") +
              ",\"requests\":" + std::to_string(line.requests) +
              ",\"paid\":" + std::to_string(line.paid) + "}";
    }
    return text + "\n]}\n";
  }

 private:
  static constexpr std::array kNames = {
      // The connection.
      "refused", "reset_before", "no_reply", "reset_in_headers", "reset_after_headers",
      "reset_in_body", "close_in_body", "chunked_cut", "idle_close",
      // Time.
      "slow", "trickle", "stall", "stall_after_headers",
      // What is sent.
      "gzip_bomb", "large", "html", "bad_json", "empty", "excess", "wrong_type", "no_choices",
      "error_in_200", "redirect", "not_http", "http2_frames", "http2_status", "long_header",
      // Statuses, without a Retry-After and with one.
      "408", "408_after", "409", "409_after", "413", "425", "425_after", "429", "429_after", "500",
      "500_after", "500_skewed", "502", "502_after", "503", "503_after", "504", "504_after", "529",
      "529_after"};

  struct Line {
    std::string name;
    std::string fate;
    bool lasting = false;
    int64_t requests = 0;
    int64_t paid = 0;
  };

  static uint64_t Mix(uint64_t hash) {
    hash = (hash ^ (hash >> 31)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 29)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 32);
  }
  static double Fraction(uint64_t hash) { return static_cast<double>(hash >> 11) * 0x1p-53; }

  // "case-17" of a text that holds it; empty without.
  static std::string CaseIn(std::string_view body) {
    const size_t begin = body.find("case-");
    if (begin == std::string_view::npos) return "";
    size_t end = begin + 5;
    while (end < body.size() && std::isalnum(static_cast<unsigned char>(body[end]))) ++end;
    return std::string(body.substr(begin, end - begin));
  }

  static Wire Whole(std::string bytes, Then then = Then::kKeep) {
    Wire wire;
    wire.pieces.push_back({0, std::move(bytes)});
    wire.then = then;
    return wire;
  }

  static Wire Well(const std::function<std::string(size_t)>& well) {
    Wire wire = Whole(Framed(200, well(0)));
    wire.usable = true;
    return wire;
  }

  static Wire Spoilt(const std::string& fate, const std::function<std::string(size_t)>& well) {
    if (fate == "refused") return Whole("", Then::kRefuse);
    if (fate == "reset_before") return Whole("", Then::kReset);
    if (fate == "no_reply") return Whole("", Then::kClose);
    if (fate == "not_http") return Whole("SSH-2.0-OpenSSH_9.2\r\n", Then::kClose);
    if (fate == "http2_frames") {  // SETTINGS, then GOAWAY
      return Whole(std::string("\0\0\0\4\0\0\0\0\0\0\0\x8\7\0\0\0\0\0\0\0\0\0\0\0\1", 26),
                   Then::kClose);
    }
    if (fate == "html") {
      return Whole(Framed(200, "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>",
                          "text/html"));
    }
    if (fate == "bad_json")
      return Whole(Framed(200, "{\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,"));
    if (fate == "empty") return Whole(Framed(200, ""));
    if (fate == "no_choices")
      return Whole(Framed(200, "{\"id\":\"chatcmpl-1\",\"model\":\"mock\",\"choices\":[]}"));
    if (fate == "error_in_200")
      return Whole(Framed(200, Problem("The engine is overloaded", "server_error", "500")));
    if (fate == "redirect") {
      return Whole(Framed(307, "", "text/plain", "Location: /v1/chat/completions\r\n"));
    }
    if (fate == "long_header") {
      return Whole(Framed(200, well(0), "application/json",
                          "X-Long: " + std::string(1 << 20, 'x') + "\r\n"));
    }
    if (fate == "large") {  // made once: it takes longer than all else
      static const std::string large = Framed(200, well(size_t{10} << 20));
      return Whole(large);
    }
    if (fate == "gzip_bomb") {
      static const std::string bomb = ZerosInGzip(1'000'000);  // 258 MB
      return Whole(Framed(200, bomb, "application/json", "Content-Encoding: gzip\r\n"),
                   Then::kClose);
    }
    if (std::isdigit(static_cast<unsigned char>(fate[0]))) return Whole(Refusal(fate));
    return OfBytes(fate, well(0));
  }

  static std::string Refusal(const std::string& fate) {
    const int status = std::atoi(fate.c_str());
    // An overloaded endpoint that names a time is left alone by all for so long.
    const bool overloaded = status == 429 || status == 503 || status == 529;
    std::string more;
    if (fate.ends_with("_after"))
      more = overloaded ? "retry-after-ms: 20\r\n" : "Retry-After: 1\r\n";
    if (fate.ends_with("_skewed")) {  // by a clock that is an hour ahead
      const int64_t now = static_cast<int64_t>(time(nullptr)) + 3600;
      more = "Date: " + HttpDate(now) + "\r\nRetry-After: " + HttpDate(now + 1) + "\r\n";
    }
    return Framed(status, Problem("HTTP " + std::to_string(status), "server_error", "server_error"),
                  "application/json", more);
  }

  // A usable reply that is sent in a way of its own.
  static Wire OfBytes(const std::string& fate, const std::string& body) {
    const std::string whole = Framed(200, body);
    const size_t head = whole.size() - body.size();
    Wire wire;
    if (fate == "reset_in_headers") return Whole(whole.substr(0, head / 2), Then::kReset);
    if (fate == "close_in_body") return Whole(whole.substr(0, whole.size() - 40), Then::kClose);
    if (fate == "chunked_cut") {
      char size[32];
      std::snprintf(size, sizeof size, "%zx\r\n", body.size());
      return Whole(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: "
          "chunked\r\n\r\n" +
              std::string(size) + body + "\r\n",
          Then::kClose);
    }
    if (fate == "excess") {  // the body is longer than was said
      return Whole("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size() / 2) + "\r\n\r\n" + body);
    }
    if (fate == "http2_status") {  // HTTP/1.1 but for its first line
      wire = Whole("HTTP/2 200\r\ncontent-type: application/json\r\ncontent-length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body,
                   Then::kClose);
      wire.usable = true;
    } else if (fate == "wrong_type") {
      wire = Whole(Framed(200, body, "text/html; charset=utf-8"));
      wire.usable = true;
    } else if (fate == "idle_close") {  // what comes on the connection meanwhile is not read
      wire.pieces = {{0, whole}, {1000, ""}};
      wire.then = Then::kClose;
      wire.usable = true;
    } else if (fate == "slow") {
      const size_t step = whole.size() / 20 + 1;
      for (size_t at = 0; at < whole.size(); at += step)
        wire.pieces.push_back({10'000, whole.substr(at, step)});
      wire.usable = true;
    } else if (fate == "reset_after_headers" || fate == "reset_in_body") {
      // The reset would take what is not read yet with it.
      const size_t sent = fate == "reset_in_body" ? head + body.size() / 2 : head;
      wire.pieces = {{0, whole.substr(0, sent)}, {5000, ""}};
      wire.then = Then::kReset;
    } else if (fate == "trickle") {
      wire.pieces.push_back({0, whole.substr(0, head)});
      for (size_t at = head; at < whole.size(); ++at)
        wire.pieces.push_back({200'000, whole.substr(at, 1)});
    } else if (fate == "stall_after_headers") {
      wire.pieces.push_back({0, whole.substr(0, head)});
      wire.stalls = true;
    } else {
      wire.stalls = true;
    }
    return wire;
  }

  static std::string HttpDate(int64_t at) {
    const time_t time = static_cast<time_t>(at);
    tm parts{};
    gmtime_r(&time, &parts);
    char text[64];
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
  }

  const uint64_t seed_;
  const double share_;
  std::map<uint64_t, Line> ledger_;  // by request
};

}  // namespace axiometer
