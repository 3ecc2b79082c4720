// SPDX-License-Identifier: BSD-2-Clause
// A decoder that is fed packets as they come, and gives frames as they are asked for.
#pragma once

#include <deque>

#include "base/in_use.h"
#include "base/process.h"
#include "ffmpeg/pipeline.h"

namespace spdl::ffmpeg {

// One operation at a time: a second one gets Status::busy.
class StreamDecoder {
 public:
  static Result<std::shared_ptr<StreamDecoder>> open(CodecPtr codec, const DecodeOptions &options);

  const Codec &codec() const { return *codec_; }
  // Packets of this codec, after those before. All of one run have the same window.
  Result<void> push(PacketsPtr packets);
  // After the packets so far the stream is over. What is pushed later begins a new run.
  Result<void> end();
  // The next frames: `count` of them, or 0: as many as come at once; fewer at the end of the
  // packets. Status::eof if the packets give no more.
  Result<FramesPtr> pull(int64_t count, const Limits &limits);

 private:
  StreamDecoder(CodecPtr codec, const DecodeOptions &options)
      : codec_(std::move(codec)), options_(options) {}

  Result<void> check_use(const InUse &in_use) const;
  Result<FramesPtr> pull_picture(const Limits &limits);
  Result<FramesPtr> pull_run(size_t count, const Limits &limits);
  Result<bool> advance(const Limits &limits);
  Result<FramesPtr> end_run();

  const uint64_t generation_ = process_generation();
  const CodecPtr codec_;
  const DecodeOptions options_;
  std::deque<PacketsPtr> pushed_;  // null: the end of a run
  size_t num_fed_ = 0;             // packets of the front
  PacketsPtr last_;                // pushed in this run; null at its start
  std::unique_ptr<Pipeline> pipeline_;
  std::atomic_flag in_use_;
};

}  // namespace spdl::ffmpeg
