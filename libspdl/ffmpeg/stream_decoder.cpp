// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/stream_decoder.h"

#include <algorithm>

#include "base/trace.h"

namespace spdl::ffmpeg {
namespace {

Error mismatch(const Packets &packets, const std::string &what) {
  return {Status::mismatch, Origin::decode, packets.source + ": " + what};
}

Error at_end(const Codec &codec) {
  return {Status::eof, Origin::decode,
          std::string("The packets for ") + codec.name() + " are decoded."};
}

}  // namespace

Result<std::shared_ptr<StreamDecoder>> StreamDecoder::open(CodecPtr codec,
                                                           const DecodeOptions &options) {
  SPDL_TRY(check_decoder(*codec, options.decoder));
  return std::shared_ptr<StreamDecoder>(new StreamDecoder(std::move(codec), options));
}

Result<void> StreamDecoder::check_use(const InUse &in_use) const {
  if (generation_ != process_generation())
    return Error{Status::forked, Origin::decode,
                 "This decoder belongs to the parent process; open a new one."};
  if (!in_use.is_held())
    return Error{Status::busy, Origin::decode, "Another thread uses this decoder."};
  return {};
}

Result<void> StreamDecoder::push(PacketsPtr packets) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use));
  if (packets->media != codec_->media ||
      packets->codec->parameters->codec_id != codec_->parameters->codec_id)
    return mismatch(*packets, std::string("these are packets of ") + packets->codec->name() +
                                  ", but the decoder is for " + codec_->name() + ".");
  if (last_ && !(last_->window == packets->window))
    return mismatch(
        *packets, "these packets have another window than those before; flush the decoder first.");
  if (codec_->media != Media::image) last_ = packets;
  pushed_.push_back(std::move(packets));
  return {};
}

Result<void> StreamDecoder::end() {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use));
  if (last_) pushed_.push_back(nullptr);
  last_ = nullptr;
  return {};
}

Result<FramesPtr> StreamDecoder::pull(int64_t count, const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use));
  SPDL_TRY(limits.check(Origin::decode, last_ ? last_->source : codec_->name()));
  if (codec_->media == Media::image) return pull_picture(limits);
  return pull_run(static_cast<size_t>(count), limits);
}

// A picture needs no other, and its decoder must not remember any.
Result<FramesPtr> StreamDecoder::pull_picture(const Limits &limits) {
  if (pushed_.empty()) return at_end(*codec_);
  const PacketsPtr packets = pushed_.front();
  auto frames = decode(*packets, options_, limits);
  // A picture that does not decode is told once; another try would end the same way.
  if (frames || frames.error().status == Status::corrupt) pushed_.pop_front();
  return frames;
}

Result<FramesPtr> StreamDecoder::pull_run(size_t count, const Limits &limits) {
  const trace::Stage stage("decode", codec_->name());
  while (!pipeline_ || pipeline_->num_ready() < std::max<size_t>(1, count)) {
    SPDL_TRY_ASSIGN(const bool has_more, advance(limits));
    if (!has_more) break;
  }
  const size_t ready = pipeline_ ? pipeline_->num_ready() : 0;
  if (ready > 0) return pipeline_->take(count > 0 ? std::min(count, ready) : ready);
  if (!pushed_.empty()) return end_run();
  return at_end(*codec_);
}

// Feed one packet, or end the run. False if the packets are used up, or the run has ended.
Result<bool> StreamDecoder::advance(const Limits &limits) {
  if (pushed_.empty()) return false;
  const PacketsPtr front = pushed_.front();
  if (!front) {
    if (pipeline_ && !pipeline_->is_finished()) {
      SPDL_TRY(pipeline_->finish(limits));
      return true;
    }
    return false;
  }
  if (num_fed_ == front->packets.size() || (pipeline_ && pipeline_->is_done())) {
    pushed_.pop_front();
    num_fed_ = 0;
    return true;
  }
  if (!pipeline_) {
    SPDL_TRY_ASSIGN(pipeline_, Pipeline::open(*front, options_, limits));
  }
  if (num_fed_ == 0) pipeline_->follow(*front);
  const AVPacket &packet = *front->packets[num_fed_];
  SPDL_TRY(pipeline_->prepare(limits));
  ++num_fed_;
  SPDL_TRY(pipeline_->feed(packet, limits));
  return true;
}

// All frames of the run are out: the next one begins anew.
Result<FramesPtr> StreamDecoder::end_run() {
  pushed_.pop_front();
  const auto pipeline = std::exchange(pipeline_, nullptr);
  if (!pipeline) return at_end(*codec_);
  if (auto failure = pipeline->take_failure()) return *std::move(failure);
  // Damage after the last frame.
  if (pipeline->has_damage()) return pipeline->take(0);
  return at_end(*codec_);
}

}  // namespace spdl::ffmpeg
