// SPDX-License-Identifier: BSD-2-Clause
// Which packets are decoded for the frames that are wanted.
#include "ffmpeg/sample.h"

#include "expect.h"

using namespace spdl;
using namespace spdl::ffmpeg;

namespace {

struct Entry {
  int64_t pts;
  int flags = 0;
};
constexpr int key = AV_PKT_FLAG_KEY;

std::shared_ptr<Packets> make(const std::vector<Entry> &entries) {
  auto parameters = own<ParametersPtr>(avcodec_parameters_alloc());
  auto result = std::make_shared<Packets>();
  Packets &packets = *result;
  packets.media = Media::video;
  packets.codec = make_codec(Media::video, *parameters, {1, 25}, {25, 1});
  for (const auto &[pts, flags] : entries) {
    auto packet = make_packet();
    packet->pts = pts;
    packet->flags = flags;
    packets.packets.push_back(std::move(packet));
  }
  return result;
}

std::vector<SampleSplit> split(const Packets &packets, const std::vector<int64_t> &indices,
                               std::vector<Sample> &samples) {
  samples.assign(indices.size(), {});
  for (size_t i = 0; i < indices.size(); ++i) samples[i].index = indices[i];
  return split_samples(packets, samples);
}

void closed_groups() {
  const auto packets = make({{0, key}, {3}, {1}, {2}, {4, key}, {6}, {5}, {8, key}, {9}});
  std::vector<Sample> samples;
  const auto splits = split(*packets, {1, 2, 5, 8}, samples);
  EXPECT_EQ(splits.size(), 3u);
  EXPECT_EQ(splits[0].first, 0u);
  EXPECT_EQ(splits[0].end, 4u);
  EXPECT_EQ(splits[0].samples.size(), 2u);
  EXPECT_EQ(splits[1].first, 4u);
  EXPECT_EQ(splits[1].end, 7u);
  EXPECT_EQ(splits[2].first, 7u);
  EXPECT_EQ(splits[2].end, 9u);
  EXPECT_EQ(samples[2].pts, 5);
  const auto one = split(*packets, {4}, samples);
  EXPECT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].first, 4u);
  EXPECT_EQ(one[0].end, 5u);
}

// Frame 3 is shown before the key frame at 4 and comes after it: it may need both.
void open_groups() {
  const auto packets = make({{0, key}, {1}, {2}, {4, key}, {3}, {5}});
  std::vector<Sample> samples;
  const auto splits = split(*packets, {3, 4}, samples);
  EXPECT_EQ(splits.size(), 2u);
  EXPECT_EQ(splits[0].first, 0u);
  EXPECT_EQ(splits[0].end, 5u);
  EXPECT_EQ(splits[1].first, 3u);
  EXPECT_EQ(splits[1].end, 4u);
}

void no_key_at_the_start() {
  const auto packets = make({{0}, {1}, {2, key}, {3}});
  std::vector<Sample> samples;
  const auto splits = split(*packets, {1, 3}, samples);
  EXPECT_EQ(splits.size(), 2u);
  EXPECT_EQ(splits[0].first, 0u);
  EXPECT_EQ(splits[1].first, 2u);
}

void times_that_do_not_tell_the_order() {
  for (const auto &packets :
       {make({{0, key}, {AV_NOPTS_VALUE}, {2}, {3, key}}), make({{0, key}, {1}, {1}, {3, key}})}) {
    std::vector<Sample> samples;
    const auto splits = split(*packets, {0, 3}, samples);
    EXPECT_EQ(splits.size(), 1u);
    EXPECT_EQ(splits[0].end, 4u);
    EXPECT_EQ(samples[1].pts, AV_NOPTS_VALUE);
  }
}

void windows_and_hidden_packets() {
  auto packets = make({{0, key | AV_PKT_FLAG_DISCARD}, {1, AV_PKT_FLAG_DISCARD}, {2, key}, {3}});
  std::vector<Sample> samples;
  auto splits = split(*packets, {0, 2}, samples);
  EXPECT_EQ(splits.size(), 1u);
  EXPECT_EQ(splits[0].first, 2u);
  EXPECT(samples[1].error && samples[1].error->status == Status::corrupt);
  packets->window.start = spdl_rational{3, 25};
  splits = split(*packets, {0}, samples);
  EXPECT_EQ(samples[0].pts, 3);
  EXPECT_EQ(splits[0].first, 2u);
}

}  // namespace

int main() {
  closed_groups();
  open_groups();
  no_key_at_the_start();
  times_that_do_not_tell_the_order();
  windows_and_hidden_packets();
  return spdl::unit::num_failed != 0;
}
