#pragma once

#include <string_view>

namespace axiometer {

// Protocols of judgements that people made; their judge is "person/NAME". Under the second the
// samples that they judged were drawn at random from the run's.
inline constexpr char kPeopleProtocol[] = "people";
inline constexpr char kRandomPeopleProtocol[] = "people-random";

inline bool IsByPeople(std::string_view protocol) {
  return protocol == kPeopleProtocol || protocol == kRandomPeopleProtocol;
}

}  // namespace axiometer
