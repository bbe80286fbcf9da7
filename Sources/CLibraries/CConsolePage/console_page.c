#include "console_page.h"
// #embed is C23; older language modes have it as an extension.
#pragma clang diagnostic ignored "-Wc23-extensions"

#define TEXT(name) static const unsigned char name[] =

TEXT(index_html) {
#embed "page/index.html"
};
TEXT(favicon_svg) {
#embed "page/favicon.svg"
};
TEXT(base_css) {
#embed "page/base.css"
};
TEXT(layout_css) {
#embed "page/layout.css"
};
TEXT(uploads_css) {
#embed "page/uploads.css"
};
TEXT(gallery_css) {
#embed "page/gallery.css"
};
TEXT(detail_css) {
#embed "page/detail.css"
};
TEXT(api_js) {
#embed "page/api.js"
};
TEXT(app_js) {
#embed "page/app.js"
};
TEXT(card_js) {
#embed "page/card.js"
};
TEXT(confirm_js) {
#embed "page/confirm.js"
};
TEXT(detail_js) {
#embed "page/detail.js"
};
TEXT(dom_js) {
#embed "page/dom.js"
};
TEXT(edit_js) {
#embed "page/edit.js"
};
TEXT(failure_js) {
#embed "page/failure.js"
};
TEXT(gallery_js) {
#embed "page/gallery.js"
};
TEXT(intake_js) {
#embed "page/intake.js"
};
TEXT(language_js) {
#embed "page/language.js"
};
TEXT(live_js) {
#embed "page/live.js"
};
TEXT(messages_js) {
#embed "page/messages.js"
};
TEXT(notices_js) {
#embed "page/notices.js"
};
TEXT(picture_js) {
#embed "page/picture.js"
};
TEXT(renditions_js) {
#embed "page/renditions.js"
};
TEXT(resumable_js) {
#embed "page/resumable.js"
};
TEXT(roving_js) {
#embed "page/roving.js"
};
TEXT(session_js) {
#embed "page/session.js"
};
TEXT(thumbhash_js) {
#embed "page/thumbhash.js"
};
TEXT(upload_list_js) {
#embed "page/upload-list.js"
};
TEXT(upload_queue_js) {
#embed "page/upload-queue.js"
};

#define CSS "text/css; charset=utf-8"
#define JS "text/javascript; charset=utf-8"

const struct console_page_file console_page_files[] = {
    {"/", "text/html; charset=utf-8", index_html, sizeof index_html},
    {"/favicon.svg", "image/svg+xml", favicon_svg, sizeof favicon_svg},
    {"/console/base.css", CSS, base_css, sizeof base_css},
    {"/console/layout.css", CSS, layout_css, sizeof layout_css},
    {"/console/uploads.css", CSS, uploads_css, sizeof uploads_css},
    {"/console/gallery.css", CSS, gallery_css, sizeof gallery_css},
    {"/console/detail.css", CSS, detail_css, sizeof detail_css},
    {"/console/api.js", JS, api_js, sizeof api_js},
    {"/console/app.js", JS, app_js, sizeof app_js},
    {"/console/card.js", JS, card_js, sizeof card_js},
    {"/console/confirm.js", JS, confirm_js, sizeof confirm_js},
    {"/console/detail.js", JS, detail_js, sizeof detail_js},
    {"/console/dom.js", JS, dom_js, sizeof dom_js},
    {"/console/edit.js", JS, edit_js, sizeof edit_js},
    {"/console/failure.js", JS, failure_js, sizeof failure_js},
    {"/console/gallery.js", JS, gallery_js, sizeof gallery_js},
    {"/console/intake.js", JS, intake_js, sizeof intake_js},
    {"/console/language.js", JS, language_js, sizeof language_js},
    {"/console/live.js", JS, live_js, sizeof live_js},
    {"/console/messages.js", JS, messages_js, sizeof messages_js},
    {"/console/notices.js", JS, notices_js, sizeof notices_js},
    {"/console/picture.js", JS, picture_js, sizeof picture_js},
    {"/console/renditions.js", JS, renditions_js, sizeof renditions_js},
    {"/console/resumable.js", JS, resumable_js, sizeof resumable_js},
    {"/console/roving.js", JS, roving_js, sizeof roving_js},
    {"/console/session.js", JS, session_js, sizeof session_js},
    {"/console/thumbhash.js", JS, thumbhash_js, sizeof thumbhash_js},
    {"/console/upload-list.js", JS, upload_list_js, sizeof upload_list_js},
    {"/console/upload-queue.js", JS, upload_queue_js, sizeof upload_queue_js},
};
const size_t console_page_file_count = sizeof console_page_files / sizeof console_page_files[0];

const struct console_page_file *console_page_file_at(size_t index) {
    return &console_page_files[index];
}
