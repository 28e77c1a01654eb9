#include "harness/record/run_spec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

RunSpec Spec() {
  RunSpec spec;
  spec.suite = "crossroads";
  spec.suite_digest = "d1";
  spec.model.provider = "openai";
  spec.model.name = "m";
  spec.scaffold = "react_tools";
  return spec;
}

RunSpec At(const std::string& series, int64_t position) {
  RunSpec spec = Spec();
  spec.series = SeriesPlace{series, position};
  return spec;
}

TEST(RunSpecTest, ThePlaceInASeriesComesBack) {
  const Result<RunSpec> back = RunSpecFromJson(ToJson(At("doses", -3)));
  ASSERT_TRUE(back) << back.error().ToString();
  EXPECT_EQ(back->series->name, "doses");
  EXPECT_EQ(back->series->position, -3);
  EXPECT_FALSE(RunSpecFromJson(ToJson(Spec()))->series);
}

// One model name may be another model at every checkpoint of its training.
TEST(RunSpecTest, PositionsAloneMakeAnotherRun) {
  EXPECT_EQ(IdentityDigest(At("doses", 1)), IdentityDigest(At("doses", 1)));
  EXPECT_NE(IdentityDigest(At("doses", 1)), IdentityDigest(At("doses", 2)));
  EXPECT_NE(IdentityDigest(At("doses", 1)), IdentityDigest(At("turns", 1)));
  EXPECT_NE(IdentityDigest(At("doses", 1)), IdentityDigest(Spec()));
}

// Runs that were stored before there were series are continued by the same command.
TEST(RunSpecTest, WithoutASeriesNothingIsWritten) {
  EXPECT_FALSE(ToJson(Spec()).contains("series"));
  EXPECT_FALSE(SeriesPlaceOf(DumpJson(ToJson(Spec()))));
}

TEST(RunSpecTest, ThePlaceIsReadFromAStoredConfiguration) {
  const std::optional<SeriesPlace> place =
      SeriesPlaceOf(DumpJson(ToJson(At("doses", 4'000'000'000))));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->name, "doses");
  EXPECT_EQ(place->position, 4'000'000'000);
  for (const char* broken : {"", "[]", "{\"series\": 1}", "{\"series\": {\"name\": \"x\"}}",
                             "{\"series\": {\"name\": \"x\", \"position\": 1.5}}"}) {
    EXPECT_FALSE(SeriesPlaceOf(broken)) << broken;
  }
}

}  // namespace
}  // namespace axiometer
