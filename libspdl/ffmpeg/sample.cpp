// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/sample.h"

#include <algorithm>
#include <map>

#include "ffmpeg/cut.h"

namespace spdl::ffmpeg {
namespace {

bool is_shown(const AVPacket &packet) { return !(packet.flags & AV_PKT_FLAG_DISCARD); }

// The packets of frames in the window, in the order in which they are shown; none if their times do
// not tell it.
std::vector<size_t> order_shown(const Packets &packets) {
  std::vector<size_t> shown;
  const auto pts = [&](size_t i) { return packets.packets[i]->pts; };
  for (size_t i = 0; i < packets.packets.size(); ++i) {
    if (!is_shown(*packets.packets[i])) continue;
    if (pts(i) == AV_NOPTS_VALUE) return {};
    if (packets.window.contains(pts(i), packets.codec->time_base)) shown.push_back(i);
  }
  std::sort(shown.begin(), shown.end(), [&](size_t a, size_t b) { return pts(a) < pts(b); });
  const auto same = [&](size_t a, size_t b) { return pts(a) == pts(b); };
  if (std::adjacent_find(shown.begin(), shown.end(), same) != shown.end()) return {};
  return shown;
}

// For each packet the one at which decoding it begins: the last key frame before it, in decode
// order, that is not shown after it.
std::vector<size_t> find_starts(const Packets &packets) {
  std::vector<size_t> starts;
  std::vector<std::pair<int64_t, size_t>> keys;  // pts, number; both ascending
  for (size_t i = 0; i < packets.packets.size(); ++i) {
    const AVPacket &packet = *packets.packets[i];
    if (packet.flags & AV_PKT_FLAG_KEY && is_shown(packet)) {
      while (!keys.empty() && keys.back().first >= packet.pts) keys.pop_back();
      keys.emplace_back(packet.pts, i);
    }
    const auto after = std::partition_point(keys.begin(), keys.end(),
                                            [&](auto &key) { return key.first <= packet.pts; });
    starts.push_back(after == keys.begin() ? 0 : std::prev(after)->second);
  }
  return starts;
}

Error missing(const Packets &packets, const Sample &sample, const std::string &why) {
  const double seconds = to_seconds(sample.pts, packets.codec->time_base);
  std::string where = packets.source + ": frame " + std::to_string(sample.index);
  if (sample.pts != AV_NOPTS_VALUE) where += " at " + std::to_string(seconds) + " s";
  return Error{Status::corrupt, Origin::decode, where + ": " + why}.at_time(seconds);
}

class SplitDecoder {
 public:
  SplitDecoder(const Packets &packets, const SampleSplit &split, std::span<Sample> samples,
               const DecodeOptions &options, const Limits &limits, const TakeSample &take)
      : packets_(packets),
        split_(split),
        samples_(samples),
        options_(options),
        limits_(limits),
        take_(take),
        cut_(packets) {
    for (const size_t i : split.samples) waiting_.emplace(key_of(samples[i]), i);
  }

  void run();

 private:
  // What tells a sample among the frames.
  static int64_t key_of(const Sample &sample) {
    return sample.pts == AV_NOPTS_VALUE ? sample.index : sample.pts;
  }
  bool is_counted() const { return samples_[split_.samples.front()].pts == AV_NOPTS_VALUE; }

  Result<void> decode();
  Result<void> feed(Decoder &decoder, const AVPacket *packet);
  Result<void> tolerate(Result<void> result);
  Result<void> accept(FramePtr frame);

  const Packets &packets_;
  const SampleSplit &split_;
  const std::span<Sample> samples_;
  const DecodeOptions &options_;
  const Limits &limits_;
  const TakeSample &take_;
  Cut cut_;
  std::map<int64_t, size_t> waiting_;
  int64_t num_cut_ = 0;
  std::optional<Error> first_damage_;
};

void SplitDecoder::run() {
  if (waiting_.empty()) return;
  const auto decoded = decode();
  for (const auto &[key, i] : waiting_) {
    if (!decoded)
      samples_[i].error = decoded.error();
    else if (first_damage_)
      samples_[i].error = *first_damage_;
    else
      samples_[i].error = missing(packets_, samples_[i], "the decoder did not give it.");
  }
}

Result<void> SplitDecoder::decode() {
  SPDL_TRY_ASSIGN(auto decoder,
                  Decoder::open(*packets_.codec, options_.decoder, limits_, packets_.source));
  for (size_t i = split_.first; i < split_.end && !waiting_.empty(); ++i)
    SPDL_TRY(feed(decoder, packets_.packets[i].get()));
  if (!waiting_.empty()) SPDL_TRY(feed(decoder, nullptr));
  return {};
}

Result<void> SplitDecoder::feed(Decoder &decoder, const AVPacket *packet) {
  SPDL_TRY(limits_.check(Origin::decode, packets_.source));
  SPDL_TRY(tolerate(decoder.send(packet, limits_)));
  while (!waiting_.empty()) {
    SPDL_TRY(limits_.check(Origin::decode, packets_.source));
    auto frame = decoder.receive(limits_);
    if (!frame) {
      SPDL_TRY(tolerate(std::move(frame).error()));
      continue;
    }
    if (!*frame) break;
    SPDL_TRY(accept(*std::move(frame)));
  }
  return {};
}

Result<void> SplitDecoder::tolerate(Result<void> result) {
  if (result || options_.strict || result.error().status != Status::corrupt) return result;
  if (!first_damage_) first_damage_ = std::move(result).error();
  return {};
}

Result<void> SplitDecoder::accept(FramePtr frame) {
  SPDL_TRY(limits_.check_pixels(Origin::decode, frame->width, frame->height, packets_.source));
  frame = cut_.apply(std::move(frame));
  if (!frame) return {};
  const auto found = waiting_.find(is_counted() ? num_cut_++ : frame->pts);
  if (found == waiting_.end()) return {};
  Sample &sample = samples_[found->second];
  waiting_.erase(found);
  if (options_.strict && is_damaged(*frame)) {
    sample.error = missing(packets_, sample, "the picture is damaged.");
    return {};
  }
  auto taken = take_(sample, {std::move(frame), cut_.time_base()}, cut_.end_pts());
  if (!taken) sample.error = std::move(taken).error();
  return {};
}

}  // namespace

std::vector<SampleSplit> split_samples(const Packets &packets, std::span<Sample> samples) {
  std::vector<SampleSplit> splits;
  const auto shown = order_shown(packets);
  if (shown.empty()) {
    SampleSplit whole{0, packets.packets.size(), {}};
    for (size_t i = 0; i < samples.size(); ++i) whole.samples.push_back(i);
    splits.push_back(std::move(whole));
    return splits;
  }
  const auto starts = find_starts(packets);
  std::map<size_t, SampleSplit> by_start;
  for (size_t i = 0; i < samples.size(); ++i) {
    Sample &sample = samples[i];
    if (static_cast<size_t>(sample.index) >= shown.size()) {
      sample.error = missing(packets, sample, "the window shows fewer frames than it has packets.");
      continue;
    }
    const size_t packet = shown[static_cast<size_t>(sample.index)];
    sample.pts = packets.packets[packet]->pts;
    SampleSplit &split = by_start[starts[packet]];
    split.first = starts[packet];
    split.end = std::max(split.end, packet + 1);
    split.samples.push_back(i);
  }
  for (auto &[start, split] : by_start) splits.push_back(std::move(split));
  return splits;
}

void decode_split(const Packets &packets, const SampleSplit &split, std::span<Sample> samples,
                  const DecodeOptions &options, const Limits &limits, const TakeSample &take) {
  SplitDecoder(packets, split, samples, options, limits, take).run();
}

}  // namespace spdl::ffmpeg
