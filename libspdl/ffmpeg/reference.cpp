// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/reference.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace spdl::ffmpeg {
namespace {

using MemoryPtr = std::shared_ptr<const buffer::Memory>;

// Of one frame of samples, whose size FFmpeg counts in ints.
constexpr int64_t max_block_bytes = int64_t{1} << 28;

Error invalid(const std::string &message) { return {Status::invalid, Origin::frames, message}; }

Result<void> check_size(const buffer::Memory &memory, int64_t count, int64_t bytes_each) {
  int64_t needed;
  if (!__builtin_mul_overflow(count, bytes_each, &needed) &&
      static_cast<uint64_t>(needed) == memory.size())
    return {};
  return Error{Status::mismatch, Origin::frames,
               "The memory has " + std::to_string(memory.size()) +
                   " bytes, but the frames that it is to hold have " + std::to_string(count) +
                   " times " + std::to_string(bytes_each) + "."};
}

Result<void> check_counts(const ReferenceLayout &layout) {
  int64_t end;
  if (layout.num_frames < 1) return invalid("There must be at least one frame.");
  if (__builtin_add_overflow(layout.pts, layout.num_frames, &end) || layout.pts == AV_NOPTS_VALUE)
    return invalid("The timestamps do not fit 64 bits.");
  return {};
}

// A counted reference to a part of the memory.
BufferRef share(const MemoryPtr &memory, uint8_t *data, int64_t size) {
  auto owner = std::make_unique<MemoryPtr>(memory);
  const auto free = [](void *opaque, uint8_t *) { delete static_cast<MemoryPtr *>(opaque); };
  auto ref = own<BufferRef>(av_buffer_create(data, static_cast<size_t>(size), free, owner.get(),
                                             AV_BUFFER_FLAG_READONLY));
  owner.release();
  return ref;
}

// Filters and scalers read past the end of a picture, by less than this many bytes.
constexpr int64_t overread = AV_INPUT_BUFFER_PADDING_SIZE;

// Whether what follows is on the page of the last byte, and so can be read.
bool is_padded(const uint8_t *end) {
  constexpr uintptr_t page = 4096;
  const uintptr_t left = page - 1 - (reinterpret_cast<uintptr_t>(end) - 1) % page;
  return left >= static_cast<uintptr_t>(overread);
}

BufferRef copy_padded(const uint8_t *data, int64_t size) {
  auto copy = own<BufferRef>(av_buffer_allocz(static_cast<size_t>(size + overread)));
  std::memcpy(copy->data, data, static_cast<size_t>(size));
  return copy;
}

Result<AVPixelFormat> find_pixel_format(const std::string &name) {
  const AVPixelFormat format = av_get_pix_fmt(name.c_str());
  const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);
  if (descriptor && !(descriptor->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL)))
    return format;
  return Error{Status::unsupported, Origin::frames, "Unsupported pixel format: " + name};
}

FramePtr make_picture(const ReferenceLayout &layout, AVPixelFormat format, BufferRef memory) {
  auto frame = make_frame();
  frame->format = format;
  frame->width = layout.width;
  frame->height = layout.height;
  av_image_fill_arrays(frame->data, frame->linesize, memory->data, format, layout.width,
                       layout.height, 1);
  frame->buf[0] = memory.release();
  duration_of(*frame) = 1;
  return frame;
}

Result<void> add_pictures(Frames &frames, const MemoryPtr &memory, const ReferenceLayout &layout) {
  SPDL_TRY_ASSIGN(const AVPixelFormat format, find_pixel_format(layout.format));
  const int64_t size = av_image_get_buffer_size(format, layout.width, layout.height, 1);
  if (layout.width < 1 || layout.height < 1 || size < 1)
    return invalid("A picture cannot have the size " + std::to_string(layout.width) + "x" +
                   std::to_string(layout.height) + ".");
  if (layout.media == Media::image && layout.num_frames != 1)
    return invalid("An image is one picture.");
  SPDL_TRY(check_size(*memory, layout.num_frames, size));
  frames.time_base = av_inv_q(layout.frame_rate);
  uint8_t *data = memory->data();
  for (int64_t i = 0; i < layout.num_frames; ++i, data += size) {
    const bool is_last = i + 1 == layout.num_frames;
    auto bytes =
        is_last && !is_padded(data + size) ? copy_padded(data, size) : share(memory, data, size);
    frames.frames.push_back(make_picture(layout, format, std::move(bytes)));
    frames.frames.back()->pts = layout.pts + i;
  }
  return {};
}

// The pointers to the planes of a frame; FFmpeg keeps those past eight elsewhere.
void make_planes(AVFrame &frame, int num_planes) {
  if (num_planes <= AV_NUM_DATA_POINTERS) {
    frame.extended_data = frame.data;
    return;
  }
  frame.extended_data = static_cast<uint8_t **>(
      av_calloc(static_cast<size_t>(num_planes), sizeof(*frame.extended_data)));
  if (!frame.extended_data) throw std::bad_alloc();
}

struct Samples {
  AVSampleFormat format;
  int num_planes;
  int64_t bytes_each;   // of one sample in one plane
  int64_t plane_bytes;  // from plane to plane
};

// All planes lie in one piece of memory, which the frame holds once.
FramePtr make_block(const ReferenceLayout &layout, const Samples &samples, const MemoryPtr &memory,
                    int64_t first, int64_t count) {
  auto frame = make_frame();
  frame->format = samples.format;
  frame->sample_rate = layout.sample_rate;
  av_channel_layout_default(&frame->ch_layout, layout.num_channels);
  frame->nb_samples = static_cast<int>(count);
  frame->linesize[0] = static_cast<int>(count * samples.bytes_each);
  make_planes(*frame, samples.num_planes);
  uint8_t *begin = memory->data() + first * samples.bytes_each;
  for (int i = 0; i < samples.num_planes; ++i) {
    frame->extended_data[i] = begin + i * samples.plane_bytes;
    if (i < AV_NUM_DATA_POINTERS) frame->data[i] = frame->extended_data[i];
  }
  const int64_t size = (samples.num_planes - 1) * samples.plane_bytes + count * samples.bytes_each;
  frame->buf[0] = share(memory, begin, size).release();
  frame->pts = layout.pts + first;
  duration_of(*frame) = count;
  return frame;
}

Result<void> add_samples(Frames &frames, const MemoryPtr &memory, const ReferenceLayout &layout) {
  const AVSampleFormat format = av_get_sample_fmt(layout.format.c_str());
  if (format == AV_SAMPLE_FMT_NONE)
    return Error{Status::unsupported, Origin::frames,
                 "Unsupported sample format: " + layout.format};
  constexpr int max_channels = 1024;
  if (layout.sample_rate < 1) return invalid("The sample rate must be above 0.");
  if (layout.num_channels < 1 || layout.num_channels > max_channels)
    return invalid("The number of channels must be from 1 to 1024.");
  const bool is_planar = av_sample_fmt_is_planar(format);
  const int64_t sample = av_get_bytes_per_sample(format);
  SPDL_TRY(check_size(*memory, layout.num_frames, sample * layout.num_channels));
  Samples samples{format, is_planar ? layout.num_channels : 1,
                  is_planar ? sample : sample * layout.num_channels, 0};
  samples.plane_bytes = layout.num_frames * samples.bytes_each;
  frames.time_base = {1, layout.sample_rate};
  const int64_t block = max_block_bytes / samples.bytes_each;
  for (int64_t first = 0; first < layout.num_frames; first += block)
    frames.frames.push_back(
        make_block(layout, samples, memory, first, std::min(block, layout.num_frames - first)));
  return {};
}

}  // namespace

Result<FramesPtr> refer(const MemoryPtr &memory, const ReferenceLayout &layout) {
  SPDL_TRY(check_counts(layout));
  auto frames = std::make_shared<Frames>();
  frames->media = layout.media;
  frames->source = "<Array>";
  if (layout.media == Media::audio)
    SPDL_TRY(add_samples(*frames, memory, layout));
  else
    SPDL_TRY(add_pictures(*frames, memory, layout));
  return frames;
}

}  // namespace spdl::ffmpeg
