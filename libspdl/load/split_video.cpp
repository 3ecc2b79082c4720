// SPDX-License-Identifier: BSD-2-Clause
#include "load/split_video.h"

#include <algorithm>
#include <atomic>

#include "base/trace.h"
#include "ffmpeg/convert.h"
#include "ffmpeg/sample.h"
#include "load/drawable.h"
#include "queue/shared_work.h"

namespace spdl::load {
namespace {

using ffmpeg::Sample;
using ffmpeg::SampleSplit;

// Fewer frames are not worth a decoder of their own.
constexpr size_t min_samples = 24;
// So many parts keep all workers busy to the end.
constexpr size_t max_parts = 32;

// Codecs whose packets are one picture each, and whose key frames need nothing before them.
bool is_regular(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MJPEG:
    case AV_CODEC_ID_PRORES:
    case AV_CODEC_ID_DNXHD:
    case AV_CODEC_ID_FFV1:
      return true;
    default:
      return false;
  }
}

// Any damage breaks the promise.
ffmpeg::DecodeOptions as_strict(ffmpeg::DecodeOptions options) {
  options.strict = true;
  return options;
}

// Splits that follow each other become one while they are small.
std::vector<SampleSplit> join(std::vector<SampleSplit> splits, size_t num_samples) {
  const size_t enough = std::max(min_samples, num_samples / max_parts);
  std::vector<SampleSplit> joined;
  for (SampleSplit &split : splits) {
    if (joined.empty() || joined.back().samples.size() >= enough) {
      joined.push_back(std::move(split));
      continue;
    }
    SampleSplit &last = joined.back();
    last.end = std::max(last.end, split.end);
    last.samples.insert(last.samples.end(), split.samples.begin(), split.samples.end());
  }
  return joined;
}

class SplitVideo : public queue::SharedWork {
 public:
  SplitVideo(ffmpeg::PacketsPtr packets, std::vector<Sample> samples,
             std::vector<SampleSplit> splits, LoadOptions options, pixel::Format format,
             const Limits &limits, LoadDone done)
      : SharedWork(splits.size()),
        packets_(std::move(packets)),
        samples_(std::move(samples)),
        splits_(std::move(splits)),
        fit_(*options.item.fit),
        decode_(as_strict(options.item.decode)),
        out_(std::move(options.out)),
        format_(format),
        limits_(limits),
        done_(std::move(done)),
        pts_(samples_.size()) {}

  // Whether there is an array to write to.
  bool prepare();

 private:
  Progress run_item(size_t index) noexcept override;
  Result<void> paint(const Sample &sample, const ffmpeg::TimedPicture &picture);
  void finish() noexcept override;
  Result<buffer::BufferPtr> collect();

  ffmpeg::PacketsPtr packets_;
  std::vector<Sample> samples_;  // all of the window
  const std::vector<SampleSplit> splits_;
  const Fit fit_;
  const ffmpeg::DecodeOptions decode_;
  std::shared_ptr<const buffer::Memory> out_;
  const pixel::Format format_;
  const Limits limits_;
  LoadDone done_;

  ffmpeg::Form form_;        // of all frames
  size_t picture_size_ = 0;  // in bytes
  std::optional<buffer::Storage> storage_;
  std::vector<double> pts_;
  std::atomic<bool> is_broken_{false};  // the promise
};

// What is in the way here is for those to tell who decode one after the other.
bool SplitVideo::prepare() {
  const AVCodecParameters &codec = *packets_->codec->parameters;
  const auto count = static_cast<int64_t>(samples_.size());
  const std::string &source = packets_->source;
  if (codec.width <= 0 || codec.height <= 0) return false;
  const Canvas canvas(fit_, format_, codec.width, codec.height);
  auto form = canvas.form();
  if (!form || !canvas.check(limits_, source) ||
      !limits_.check_frames(Origin::decode, count, source))
    return false;
  form_ = *std::move(form);
  form_.media = ffmpeg::Media::video;
  form_.count = count;
  form_.layout.shape = form_.layout.shape.behind(count);
  picture_size_ = canvas.size();
  if (!limits_.check_bytes(Origin::decode, form_.layout.size(), source)) return false;
  auto storage = buffer::Storage::make(out_, form_.layout);
  if (!storage) return false;
  storage_ = *std::move(storage);
  return true;
}

SplitVideo::Progress SplitVideo::run_item(size_t index) noexcept {
  const trace::Stage stage("decode", packets_->source);
  const SampleSplit &split = splits_[index];
  if (is_broken_) return Progress::over;
  try {
    ffmpeg::decode_split(*packets_, split, samples_, decode_, limits_,
                         [this](const Sample &sample, const ffmpeg::TimedPicture &picture,
                                int64_t) { return paint(sample, picture); });
  } catch (...) {
    is_broken_ = true;
  }
  for (const size_t i : split.samples)
    if (samples_[i].error) is_broken_ = true;
  return Progress::over;
}

Result<void> SplitVideo::paint(const Sample &sample, const ffmpeg::TimedPicture &picture) {
  const AVFrame &frame = *picture.frame;
  const auto broken = [&]() -> Result<void> {
    is_broken_ = true;
    return {};
  };
  if (ffmpeg::is_damaged(frame)) return broken();
  SPDL_TRY_ASSIGN(const Drawable drawable,
                  make_drawable(frame, picture.time_base, *packets_, fit_, format_, limits_));
  const Placement &place = drawable.canvas.placement();
  if (drawable.backend != backend_fast || place.width != form_.width ||
      place.height != form_.height)
    return broken();
  const auto index = static_cast<size_t>(sample.index);
  pts_[index] = ffmpeg::to_seconds(frame.pts, picture.time_base);
  return drawable.canvas.paint(drawable.picture, storage_->data() + index * picture_size_);
}

void SplitVideo::finish() noexcept {
  Result<buffer::BufferPtr> outcome = Error{Status::memory, Origin::load, "Out of memory."};
  try {
    outcome = collect();
  } catch (const std::bad_alloc &) {
  }
  // What was borrowed comes back before the outcome is seen.
  packets_ = nullptr;
  out_ = nullptr;
  storage_.reset();
  std::exchange(done_, nullptr)(std::move(outcome));
}

Result<buffer::BufferPtr> SplitVideo::collect() {
  SPDL_TRY(limits_.check(Origin::load, packets_->source));
  if (is_broken_) return nullptr;
  auto made = std::make_shared<buffer::Buffer>(
      ffmpeg::make_buffer(*std::move(storage_), form_, std::nullopt));
  made->pts = std::move(pts_);
  made->backend = backend_fast;
  return made;
}

}  // namespace

bool can_split(const ffmpeg::Packets &packets, const ItemOptions &options) {
  return packets.media == ffmpeg::Media::video && !packets.packets.empty() &&
         is_regular(packets.codec->parameters->codec_id) && options.decode.num_frames == 0;
}

void start_split_video(ffmpeg::PacketsPtr packets, LoadOptions options, pixel::Format format,
                       const Limits &limits, queue::PoolPtr pool, LoadDone done) {
  std::vector<Sample> samples(packets->count_in_window());
  for (size_t i = 0; i < samples.size(); ++i) samples[i].index = static_cast<int64_t>(i);
  auto splits = join(ffmpeg::split_samples(*packets, samples), samples.size());
  const bool is_ordered = std::all_of(samples.begin(), samples.end(), [](const Sample &sample) {
    return sample.pts != AV_NOPTS_VALUE && !sample.error;
  });
  if (splits.empty() || !is_ordered) return done(nullptr);
  auto work =
      std::make_shared<SplitVideo>(std::move(packets), std::move(samples), std::move(splits),
                                   std::move(options), format, limits, done);
  if (!work->prepare()) {
    work = nullptr;
    return done(nullptr);
  }
  work->start(std::move(pool));
}

}  // namespace spdl::load
