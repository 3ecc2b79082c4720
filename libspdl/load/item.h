// SPDX-License-Identifier: BSD-2-Clause
// One source on its way into its array: decoded, and not yet there.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ffmpeg/decode.h"
#include "ffmpeg/demux.h"
#include "ffmpeg/form.h"
#include "load/fit.h"

namespace spdl::load {

// What is made of a source.
struct ItemOptions {
  ffmpeg::Media media = ffmpeg::Media::image;
  std::optional<Fit> fit;  // of pictures, in place of a filter
  ffmpeg::DemuxOptions demux;
  ffmpeg::DecodeOptions decode;
};

// Which way a picture went.
inline constexpr const char *backend_ffmpeg = "ffmpeg";
inline constexpr const char *backend_fast = "fast";
// Of two pictures together: "mixed" if they differ.
const char *common_backend(const char *a, const char *b);

// What the array of an item cannot say.
struct About {
  std::vector<double> pts;
  uint32_t num_corrupt = 0;
  const char *backend = "";
};

class Item {
 public:
  virtual ~Item() = default;

  // Write it where its array begins, which has the size of the form's layout.
  virtual Result<void> write(uint8_t *to, const Limits &limits) const = 0;

  ffmpeg::Form form;
  About about;
};

using ItemPtr = std::unique_ptr<Item>;

// What of a source is wanted, which ends early if it must be more frames than the limits have.
Result<ffmpeg::PacketsPtr> demux_item(const ffmpeg::SourcePtr &source, const ffmpeg::Window &window,
                                      const ItemOptions &options, const Limits &limits);

// Frames as they are.
Result<ItemPtr> make_item(ffmpeg::FramesPtr frames);
// Of packets that nothing came of.
Error no_frame(const ffmpeg::Packets &packets);

// What the packets are, or have in their window; an error if that is nothing.
Result<ItemPtr> load_item(const ffmpeg::Packets &packets, const ItemOptions &options,
                          const Limits &limits);

}  // namespace spdl::load
