#include "cgif.h"
#include <gif_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cgif_reader {
    GifFileType *gif;
    const uint8_t *bytes;
    size_t size, position;
    int is_truncated, is_padding, width, error, frames;
};

static int read_bytes(GifFileType *gif, GifByteType *out, int size) {
    struct cgif_reader *reader = gif->UserData;
    size_t rest = reader->size - reader->position, count = (size_t)size;
    if (count > rest) {
        reader->is_truncated = 1;
        count = rest;
    }
    memcpy(out, reader->bytes + reader->position, count);
    // Where a block is to begin.
    reader->is_padding = size == 1 && count == 1 && out[0] == 0;
    reader->position += count;
    return (int)count;
}

// Up to the next frame's pixels. GIF_OK or GIF_ERROR; `*is_end` where there is no such frame.
static int read_header(GifFileType *gif, struct cgif_header *header, int *is_end) {
    memset(header, 0, sizeof *header);
    header->transparent_index = -1;
    *is_end = 0;
    for (;;) {
        GifRecordType record;
        if (DGifGetRecordType(gif, &record) == GIF_ERROR) {
            struct cgif_reader *reader = gif->UserData;
            if (gif->Error != D_GIF_ERR_WRONG_RECORD) return GIF_ERROR;
            // Some writers leave zeros between blocks. At anything else browsers end the animation.
            if (reader->is_padding) continue;
            *is_end = reader->frames > 0;
            return GIF_ERROR;
        }
        if (record == IMAGE_DESC_RECORD_TYPE) break;
        *is_end = record == TERMINATE_RECORD_TYPE;
        if (record != EXTENSION_RECORD_TYPE) {
            gif->Error = D_GIF_ERR_NO_IMAG_DSCR;
            return GIF_ERROR;
        }
        int code;
        GifByteType *block;
        if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) return GIF_ERROR;
        if (code == GRAPHICS_EXT_FUNC_CODE && block != NULL && block[0] >= 4) {
            header->transparent_index = block[1] & 1 ? block[4] : -1;
            header->disposal = block[1] >> 2 & 7;
            header->delay = block[2] | block[3] << 8;
        }
        while (block != NULL) {
            if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) return GIF_ERROR;
        }
    }
    if (DGifGetImageDesc(gif) == GIF_ERROR) return GIF_ERROR;
    header->screen_width = gif->SWidth;
    header->screen_height = gif->SHeight;
    header->frame_left = gif->Image.Left;
    header->frame_top = gif->Image.Top;
    header->frame_width = gif->Image.Width;
    header->frame_height = gif->Image.Height;
    header->is_interlaced = gif->Image.Interlace;
    const ColorMapObject *map = gif->Image.ColorMap != NULL ? gif->Image.ColorMap : gif->SColorMap;
    header->color_count = map == NULL ? 0 : map->ColorCount;
    for (int i = 0; i < header->color_count; i++) {
        header->palette[3 * i] = map->Colors[i].Red;
        header->palette[3 * i + 1] = map->Colors[i].Green;
        header->palette[3 * i + 2] = map->Colors[i].Blue;
    }
    if (header->frame_width < 1 || header->frame_height < 1) {
        gif->Error = D_GIF_ERR_NO_IMAG_DSCR;
        return GIF_ERROR;
    }
    ((struct cgif_reader *)gif->UserData)->frames++;
    return GIF_OK;
}

static const char *reason(int error) {
    switch (error) {
    case D_GIF_ERR_WRONG_RECORD: return "an unknown block";
    case D_GIF_ERR_NO_IMAG_DSCR: return "there are no pixels in it";
    case D_GIF_ERR_NO_COLOR_MAP: return "it has no colours";
    // What giflib also says of codes that begin with more than 8 bits.
    case D_GIF_ERR_READ_FAILED:
    case D_GIF_ERR_IMAGE_DEFECT: return "its compressed pixels break the rules";
    case D_GIF_ERR_EOF_TOO_SOON:
    case D_GIF_ERR_DATA_TOO_BIG: return "there are fewer pixels than it says, or more";
    default: return "it breaks the rules of the format";
    }
}

static enum cgif_status status_of(const struct cgif_reader *reader) {
    if (reader->is_truncated) return cgif_truncated;
    return reader->error == D_GIF_ERR_NOT_ENOUGH_MEM ? cgif_no_memory : cgif_corrupt;
}

enum cgif_status cgif_open(const uint8_t *bytes, size_t size, struct cgif_reader **out, struct cgif_header *header, char *message) {
    *out = NULL;
    int is_end;
    struct cgif_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return cgif_no_memory;
    reader->bytes = bytes;
    reader->size = size;
    reader->gif = DGifOpen(reader, read_bytes, &reader->error);
    if (reader->gif != NULL && read_header(reader->gif, header, &is_end) == GIF_OK) {
        reader->width = header->frame_width;
        *out = reader;
        return cgif_ok;
    }
    if (reader->gif != NULL) reader->error = reader->gif->Error;
    enum cgif_status status = status_of(reader);
    if (message != NULL) snprintf(message, 128, "%s", reason(reader->error));
    cgif_close(reader);
    return status;
}

enum cgif_status cgif_read_line(struct cgif_reader *reader, uint8_t *line) {
    if (DGifGetLine(reader->gif, line, reader->width) == GIF_OK) return cgif_ok;
    reader->error = reader->gif->Error;
    return status_of(reader);
}

enum cgif_status cgif_next(struct cgif_reader *reader, struct cgif_header *header) {
    int is_end;
    if (read_header(reader->gif, header, &is_end) == GIF_OK) {
        reader->width = header->frame_width;
        return cgif_ok;
    }
    if (is_end) return cgif_end;
    reader->error = reader->gif->Error;
    return status_of(reader);
}

const char *cgif_message(const struct cgif_reader *reader) { return reason(reader->error); }

void cgif_close(struct cgif_reader *reader) {
    if (reader == NULL) return;
    if (reader->gif != NULL) DGifCloseFile(reader->gif, NULL);
    free(reader);
}
