package io.cvaespark.cli;

import io.cvaespark.cli.report.ReportCommand;
import io.cvaespark.cli.run.TrainCommand;
import io.cvaespark.cli.shared.Failures;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.store.BuildInfo;
import org.apache.hadoop.util.ShutdownHookManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program: {@code cvae COMMAND …}.
 *
 * <p>The exit status is 0 for success, 1 if the work failed, with one line on standard error that says why, and 2 if
 * the call was wrong. Results go to standard output, logs and progress to standard error.
 */
@Command(
        name = "cvae",
        description = "Conditional variational autoencoders on Apache Spark.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            SampleCommand.class,
            TransformCommand.class,
            EvaluateCommand.class,
            LatentCommand.class,
            DescribeCommand.class,
            ReportCommand.class,
            CompareCommand.class,
            DataCommand.class,
            BenchCommand.class
        })
public final class Main {
    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Show where an error comes from.")
    private boolean stacktrace;

    private Main() {}

    /**
     * Runs the program. A command that failed ends the JVM with its exit status.
     *
     * <p>A command that is done returns: YARN's cluster mode takes any call of {@code System.exit} for a failure.
     */
    public static void main(String[] args) {
        int status = run(args);
        Sessions.stop();
        if (status != ExitCode.OK) {
            System.exit(status);
        }
    }

    /** Runs a command and returns the exit status. */
    static int run(String... args) {
        Main main = new Main();
        CommandLine line = new CommandLine(main)
                .setExecutionExceptionHandler((e, command, result) -> {
                    // Spark stops while a command that was told to stop still runs; the exception that follows says
                    // nothing useful.
                    boolean stopped = ShutdownHookManager.get().isShutdownInProgress();
                    command.getErr().println("cvae: " + (stopped ? "told to stop" : Failures.oneLine(e)));
                    if (main.stacktrace) {
                        e.printStackTrace(command.getErr());
                    }
                    return ExitCode.SOFTWARE;
                })
                .setCaseInsensitiveEnumValuesAllowed(true);
        if (args.length == 0) {
            line.usage(line.getErr());
            return ExitCode.USAGE;
        }
        return line.execute(args);
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"cvae-spark " + BuildInfo.version()};
        }
    }
}
