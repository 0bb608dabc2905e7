package io.cvaespark.notebooks;

import io.cvaespark.cli.InProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the commands that the notes' first paragraphs name, in another folder and on a smaller model. */
final class DocumentedCommands {
    private static final List<String> SMALLER = List.of(
            "model.latent=4",
            "model.hidden=[24]",
            "training.epochs=3",
            "training.batch=64",
            "training.optimizer.learningRate=0.01");

    private static final Pattern WORD = Pattern.compile("(\"[^\"]*\"|[^ \"])+");

    private final Path folder;

    DocumentedCommands(Path folder) {
        this.folder = folder;
    }

    /** Makes the input of all {@code notes}: what {@code submit/quickstart} runs, then each further command once. */
    void run(List<Note> notes) {
        cvae("data strokes data/strokes.parquet --rows 400 --size 10 --seed 1");
        train("conf/strokes.yaml --set output=runs/quickstart");
        cvae("sample runs/quickstart runs/quickstart/samples.parquet --rows 10 --each label --mean --seed 1");
        Set<String> commands = new LinkedHashSet<>();
        for (Note note : notes) {
            note.paragraphs()
                    .get(0)
                    .text()
                    .replaceAll("\\\\\n +", "") // a command may go on in the next line
                    .lines()
                    .filter(l -> l.startsWith("submit/cvae "))
                    .forEach(commands::add);
        }
        for (String command : commands) {
            String call = command.substring("submit/cvae ".length());
            if (call.contains("conf/table.yaml") || call.contains("runs/table")) {
                continue; // needs a file that the program does not bring
            }
            if (call.startsWith("train ")) {
                train(call.substring("train ".length()));
            } else {
                cvae(call);
            }
        }
    }

    private void train(String call) {
        StringBuilder small = new StringBuilder("train " + call + " --set input.train=data/strokes.parquet");
        SMALLER.forEach(setting -> small.append(" --set ").append(setting));
        cvae(small.toString());
    }

    /** Paths below {@code data} and {@code runs} are those below the folder; what stands in double quotes is one word. */
    void cvae(String call) {
        List<String> args = new ArrayList<>();
        Matcher words = WORD.matcher(call);
        while (words.find()) {
            String arg = words.group().replace("\"", "");
            args.add(arg.replaceAll("(^|=)(data|runs)/", "$1" + folder + "/$2/"));
        }
        InProcess.cvae(args.toArray(String[]::new));
    }
}
