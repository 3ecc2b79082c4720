// SPDX-License-Identifier: BSD-2-Clause
// Frames → contiguous buffer.
#pragma once

#include <span>

#include "buffer/buffer.h"
#include "ffmpeg/frames.h"
#include "ffmpeg/picture_layout.h"

namespace spdl::ffmpeg {

buffer::ElementType element_of(AVSampleFormat format);

// The array that these frames make.
Result<buffer::Layout> layout_of(const Frames &frames);

// Write the frames where their array begins; it has the size of their layout.
Result<void> copy_to(uint8_t *to, const Frames &frames, const Limits &limits);

// A buffer, with what the array cannot say but what is of single items: times and damage. `format`
// is that of the frames; the buffer's has this machine's order of bytes.
buffer::Buffer make_buffer(buffer::Storage storage, const buffer::Layout &layout, Media media,
                           const char *format);

// `is_batch` puts the number of items in front.
Result<buffer::BufferPtr> convert(std::span<const FramesPtr> items, bool is_batch,
                                  std::shared_ptr<const buffer::Memory> out, const Limits &limits);

}  // namespace spdl::ffmpeg
