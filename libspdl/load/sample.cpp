// SPDX-License-Identifier: BSD-2-Clause
#include "load/sample.h"

#include <algorithm>
#include <future>

#include "base/trace.h"
#include "queue/shared_work.h"

namespace spdl::load {
namespace {

using ffmpeg::Sample;
using ffmpeg::SampleSplit;

class SampleWork : public queue::SharedWork {
 public:
  SampleWork(ffmpeg::PacketsPtr packets, std::vector<Sample> samples,
             std::vector<SampleSplit> splits, ffmpeg::DecodeOptions options, const Limits &limits,
             SamplesDone done)
      : SharedWork(splits.size()),
        packets_(std::move(packets)),
        samples_(std::move(samples)),
        splits_(std::move(splits)),
        options_(std::move(options)),
        filter_desc_(options_.use_default_filter ? ffmpeg::default_filter(packets_->media)
                                                 : options_.filter_desc),
        limits_(limits),
        done_(std::move(done)) {}

 private:
  Progress run_item(size_t index) noexcept override;
  void finish() noexcept override;
  Result<void> keep(Sample &sample, ffmpeg::TimedPicture picture, int64_t end_pts);
  void fail(const SampleSplit &split, const Error &error) noexcept;
  Result<SamplesPtr> collect();

  ffmpeg::PacketsPtr packets_;
  std::vector<Sample> samples_;
  const std::vector<SampleSplit> splits_;
  const ffmpeg::DecodeOptions options_;
  const std::optional<std::string> filter_desc_;
  const Limits limits_;
  SamplesDone done_;
  std::atomic<int64_t> num_bytes_{0};
};

SampleWork::Progress SampleWork::run_item(size_t index) noexcept {
  const trace::Stage stage("sample", packets_->source);
  const SampleSplit &split = splits_[index];
  try {
    ffmpeg::decode_split(*packets_, split, samples_, options_, limits_,
                         [this](Sample &sample, ffmpeg::TimedPicture picture, int64_t end_pts) {
                           return keep(sample, std::move(picture), end_pts);
                         });
  } catch (const std::bad_alloc &) {
    fail(split, {Status::memory, Origin::decode, "Out of memory."});
  } catch (...) {
    fail(split, {Status::internal, Origin::decode, "An unexpected exception; this is a bug."});
  }
  return Progress::over;
}

// Each picture goes through the filters alone.
Result<void> SampleWork::keep(Sample &sample, ffmpeg::TimedPicture picture, int64_t end_pts) {
  auto frames = std::make_shared<ffmpeg::Frames>();
  frames->media = ffmpeg::Media::image;
  frames->source = packets_->source;
  frames->num_corrupt = ffmpeg::is_damaged(*picture.frame);
  if (filter_desc_) {
    SPDL_TRY_ASSIGN(picture,
                    ffmpeg::filter_picture(std::move(picture), *filter_desc_, *packets_->codec,
                                           end_pts, limits_, packets_->source));
  }
  const AVFrame &frame = *picture.frame;
  SPDL_TRY(limits_.check_pixels(Origin::filter, frame.width, frame.height, packets_->source));
  SPDL_TRY(limits_.check_bytes(Origin::decode, num_bytes_ += ffmpeg::num_bytes(frame),
                               packets_->source));
  frames->time_base = picture.time_base;
  frames->frames.push_back(std::move(picture.frame));
  sample.frames = std::move(frames);
  return {};
}

void SampleWork::fail(const SampleSplit &split, const Error &error) noexcept {
  for (const size_t i : split.samples)
    if (!samples_[i].frames && !samples_[i].error) samples_[i].error = error;
}

void SampleWork::finish() noexcept {
  Result<SamplesPtr> outcome = Error{Status::memory, Origin::decode, "Out of memory."};
  try {
    outcome = collect();
  } catch (const std::bad_alloc &) {
  }
  // What was borrowed comes back before the outcome is seen.
  packets_ = nullptr;
  samples_.clear();
  std::exchange(done_, nullptr)(std::move(outcome));
}

Result<SamplesPtr> SampleWork::collect() {
  auto samples = std::make_shared<Samples>();
  for (Sample &sample : samples_) {
    if (!sample.error) {
      samples->frames.push_back(std::move(sample.frames));
      samples->indices.push_back(sample.index);
      continue;
    }
    // Only damage is a frame's own.
    if (sample.error->status != Status::corrupt) return *std::move(sample.error);
    samples->failures.push_back(std::move(*sample.error).with_item(sample.index));
  }
  return samples;
}

}  // namespace

Result<void> check_indices(const ffmpeg::Packets &packets, std::span<const int64_t> indices) {
  const auto invalid = [](std::string why) {
    return Error{Status::invalid, Origin::decode, std::move(why)};
  };
  if (packets.media != ffmpeg::Media::video) return invalid("Only videos can be sampled.");
  if (indices.empty()) return invalid("Frame indices must be non-empty.");
  const auto count = static_cast<int64_t>(packets.count_in_window());
  for (const int64_t index : indices)
    if (index < 0 || index >= count)
      return invalid("Frame index must be [0, " + std::to_string(count) + "); " +
                     std::to_string(index) + " is not.");
  if (!std::is_sorted(indices.begin(), indices.end()))
    return invalid("Frame indices must be sorted in ascending order.");
  if (std::adjacent_find(indices.begin(), indices.end()) != indices.end())
    return invalid("Frame indices must be unique.");
  return {};
}

Result<void> start_samples(ffmpeg::PacketsPtr packets, std::vector<int64_t> indices,
                           ffmpeg::DecodeOptions options, const Limits &limits, queue::PoolPtr pool,
                           SamplesDone done) {
  SPDL_TRY(
      limits.check_frames(Origin::decode, static_cast<int64_t>(indices.size()), packets->source));
  std::vector<Sample> samples(indices.size());
  for (size_t i = 0; i < indices.size(); ++i) samples[i].index = indices[i];
  auto splits = ffmpeg::split_samples(*packets, samples);
  if (splits.empty()) splits.emplace_back();  // then all samples have their errors
  std::make_shared<SampleWork>(std::move(packets), std::move(samples), std::move(splits),
                               std::move(options), limits, std::move(done))
      ->start(std::move(pool));
  return {};
}

Result<SamplesPtr> sample(ffmpeg::PacketsPtr packets, std::vector<int64_t> indices,
                          ffmpeg::DecodeOptions options, const Limits &limits) {
  // Shared: the other thread may still be inside set_value() when this one has the value.
  auto promise = std::make_shared<std::promise<Result<SamplesPtr>>>();
  auto outcome = promise->get_future();
  SPDL_TRY(start_samples(
      std::move(packets), std::move(indices), std::move(options), limits, queue::process_pool(),
      [promise](Result<SamplesPtr> result) { promise->set_value(std::move(result)); }));
  return outcome.get();
}

}  // namespace spdl::load
