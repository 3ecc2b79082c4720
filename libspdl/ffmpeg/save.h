// SPDX-License-Identifier: BSD-2-Clause
// Picture → file.
#pragma once

#include <string>

#include "ffmpeg/mux.h"

namespace spdl::ffmpeg {

struct SaveOptions {
  Destination destination;
  EncodeOptions encode;  // what is left open is that of the picture
  OptionList muxer_options;
  // With filters, to the size and format of `encode`; an open format is the encoder's first.
  bool is_converted = false;
  std::string filter_desc;  // before that; empty: none
  std::string scale_algo;   // empty: the scaler's default
};

// Write one picture to a file of its own.
Result<void> save(const Frames &picture, const SaveOptions &options, const Limits &limits);

}  // namespace spdl::ffmpeg
