// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/decode.h"

#include "base/trace.h"
#include "ffmpeg/pipeline.h"

namespace spdl::ffmpeg {
namespace {

FramesPtr no_frames(const Packets &packets) {
  auto frames = std::make_shared<Frames>();
  frames->media = packets.media;
  frames->source = packets.source;
  frames->time_base = packets.codec->time_base;
  return frames;
}

Error no_picture(const Packets &packets) {
  return {Status::corrupt, Origin::decode,
          packets.source + ": no picture could be decoded from " +
              std::to_string(packets.num_bytes) + " bytes of " + packets.codec->name() + "."};
}

}  // namespace

const char *default_filter(Media media) {
  return media == Media::audio ? "aformat=sample_fmts=fltp" : "format=pix_fmts=rgb24";
}

Result<FramesPtr> decode(const Packets &packets, const DecodeOptions &options,
                         const Limits &limits) {
  const trace::Stage stage("decode", packets.source);
  if (packets.packets.empty()) return no_frames(packets);
  SPDL_TRY_ASSIGN(const auto pipeline, Pipeline::open(packets, options, limits));
  for (const auto &packet : packets.packets) {
    if (pipeline->is_done()) break;
    SPDL_TRY(pipeline->prepare(limits));
    SPDL_TRY(pipeline->feed(*packet, limits));
  }
  SPDL_TRY(pipeline->finish(limits));
  if (pipeline->num_ready() == 0) {
    if (auto failure = pipeline->take_failure()) return *std::move(failure);
    if (packets.media == Media::image) return no_picture(packets);
  }
  return pipeline->take(pipeline->num_ready());
}

}  // namespace spdl::ffmpeg
