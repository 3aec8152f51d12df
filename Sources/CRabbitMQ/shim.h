#ifndef COLLAB_RABBITMQ_SHIM_H
#define COLLAB_RABBITMQ_SHIM_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_tcp_socket.h>
#endif
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/time.h>

// Swift cannot read macros with casts.
static const amqp_method_number_t collab_amqp_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const amqp_method_number_t collab_amqp_connection_blocked = AMQP_CONNECTION_BLOCKED_METHOD;
static const amqp_method_number_t collab_amqp_connection_unblocked = AMQP_CONNECTION_UNBLOCKED_METHOD;
static const amqp_method_number_t collab_amqp_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const amqp_method_number_t collab_amqp_channel_close_ok = AMQP_CHANNEL_CLOSE_OK_METHOD;
static const amqp_method_number_t collab_amqp_basic_ack = AMQP_BASIC_ACK_METHOD;
static const amqp_method_number_t collab_amqp_basic_nack = AMQP_BASIC_NACK_METHOD;
static const amqp_method_number_t collab_amqp_basic_cancel = AMQP_BASIC_CANCEL_METHOD;

/// Sets an entry of a table to a text. Nothing is copied: the bytes must outlive the table.
static inline void collab_amqp_set_text(amqp_table_entry_t *entry, amqp_bytes_t key, amqp_bytes_t value) {
    memset(entry, 0, sizeof(*entry));
    entry->key = key;
    entry->value.kind = AMQP_FIELD_KIND_UTF8;
    entry->value.value.bytes = value;
}

/// Logs in with user and password, and has the server say when it takes no messages and when the queue of a consumer is
/// gone (RabbitMQ, "Blocked Connection Notifications" and "Consumer Cancel Notification").
/// `amqp_login_with_properties` is variadic, which Swift cannot call.
static inline amqp_rpc_reply_t collab_amqp_login(
    amqp_connection_state_t state, const char *vhost, int heartbeat_seconds, const char *user, const char *password) {
    static const char *const capabilities[] = {"connection.blocked", "consumer_cancel_notify"};
    amqp_table_entry_t supported[2], entry;
    amqp_table_t properties;
    memset(supported, 0, sizeof(supported));
    for (int index = 0; index < 2; index++) {
        supported[index].key = amqp_cstring_bytes(capabilities[index]);
        supported[index].value.kind = AMQP_FIELD_KIND_BOOLEAN;
        supported[index].value.value.boolean = 1;
    }
    memset(&entry, 0, sizeof(entry));
    entry.key = amqp_cstring_bytes("capabilities");
    entry.value.kind = AMQP_FIELD_KIND_TABLE;
    entry.value.value.table.num_entries = 2;
    entry.value.value.table.entries = supported;
    properties.num_entries = 1;
    properties.entries = &entry;
    return amqp_login_with_properties(
        state, vhost, 0, AMQP_DEFAULT_FRAME_SIZE, heartbeat_seconds, &properties, AMQP_SASL_METHOD_PLAIN, user,
        password);
}

/// Names the calling thread for people who look at the process: at most 15 bytes. `prctl` is variadic.
static inline void collab_amqp_name_thread(const char *name) {
#ifdef __linux__
    prctl(PR_SET_NAME, name, 0, 0, 0);
#else
    (void)name;
#endif
}

#endif
