package io.cvaespark.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.data.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.hadoop.security.UserGroupInformation;
import org.jspecify.annotations.Nullable;

/**
 * The training that holds a {@link RunLock}: the content of its file.
 *
 * @param owner the user who started it
 * @param host the name of the driver's machine
 * @param application the id of the Spark application
 * @param attempt the number of the application's attempt; null where the cluster manager has none
 * @param machine the running system that process ids are those of; empty where it cannot be told
 * @param process the driver's process id
 * @param started when that process began, in milliseconds since 1970
 * @param token no other lock has it
 * @param renewed when the holder last said that it is alive, by the clock of its machine
 */
record LockHolder(
        String owner,
        String host,
        String application,
        @Nullable String attempt,
        String machine,
        long process,
        long started,
        String token,
        String renewed) {

    static LockHolder ofThisProcess(String application, @Nullable String attempt) throws IOException {
        ProcessHandle process = ProcessHandle.current();
        return new LockHolder(
                UserGroupInformation.getCurrentUser().getShortUserName(),
                InetAddress.getLocalHost().getHostName(),
                application,
                attempt,
                thisMachine(),
                process.pid(),
                started(process),
                RunLock.newToken(),
                "");
    }

    LockHolder renewed(Instant now) {
        return new LockHolder(owner, host, application, attempt, machine, process, started, token, now.toString());
    }

    byte[] toJson() throws JsonProcessingException {
        return Json.MAPPER.writeValueAsBytes(this);
    }

    static LockHolder fromJson(String json) throws JsonProcessingException {
        return Json.MAPPER.readValue(json, LockHolder.class);
    }

    /** True if this holder has certainly ended: another attempt of its application runs, or its process is gone. */
    boolean givesWayTo(LockHolder next) {
        boolean earlierAttempt =
                application.equals(next.application) && attempt != null && !attempt.equals(next.attempt);
        return earlierAttempt || (!machine.isEmpty() && machine.equals(next.machine) && processHasEnded());
    }

    private boolean processHasEnded() {
        return ProcessHandle.of(process)
                .map(running -> started(running) != started)
                .orElse(true);
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    /** The boot of the kernel and the space of process ids: containers of one machine have the first in common. */
    private static String thisMachine() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
                    + " "
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    @Override
    public String toString() {
        return "%s on %s (application %s%s, process %s)"
                .formatted(owner, host, application, attempt == null ? "" : ", attempt " + attempt, process);
    }
}
