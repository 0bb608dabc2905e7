package io.cvaespark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import py4j.Gateway;
import py4j.Py4JException;
import py4j.ReturnObject;

/** The calls of pyspark.md as PySpark's gateway makes them: it finds methods by name and the classes of what Python sends. */
class PythonGatewayTest {
    private final Gateway gateway = new Gateway(this);

    @BeforeEach
    void start() {
        gateway.startup();
    }

    @AfterEach
    void stop() {
        gateway.shutdown();
    }

    /** Calls {@code type}'s constructor. */
    private Object create(Class<?> type) {
        return gateway.getObject(gateway.invoke(type.getName(), List.of()).getName());
    }

    private Object call(Object target, String method, Object... args) {
        return value(gateway.invoke(method, gateway.putNewObject(target), Arrays.asList(args)));
    }

    private Object callStatic(Class<?> type, String method, Object... args) {
        return value(gateway.invoke(method, "z:" + type.getName(), Arrays.asList(args)));
    }

    private Object value(ReturnObject returned) {
        if (returned.isVoid()) {
            return returned;
        }
        return returned.getPrimitiveObject() != null
                ? returned.getPrimitiveObject()
                : gateway.getObject(returned.getName());
    }

    @Test
    void fitsTransformsSamplesAndSaves(@TempDir Path directory) {
        Dataset<?> table = TestTables.mixed(100);
        Object cvae = create(Cvae.class);
        call(cvae, "setTargetCols", (Object) new String[] {"size", "price"});
        call(cvae, "setConditionCols", (Object) new String[] {"kind"});
        call(cvae, "setHiddenLayers", (Object) new int[] {8});
        call(cvae, "setLatentDim", 2);
        call(cvae, "setMaxIter", 1);
        call(cvae, "setStepSize", 0.01);
        call(cvae, "setNumShards", 2);
        call(cvae, "setLatentCol", "z");
        // A Python int is an Integer while it fits one, whatever the method takes.
        call(cvae, "setSeed", 7);
        Object model = call(cvae, "fit", table);

        Dataset<?> scored = (Dataset<?>) call(model, "transform", table);
        assertTrue(List.of(scored.columns()).containsAll(List.of("z", "elbo")));
        Dataset<?> synthetic = (Dataset<?>) call(model, "sample", table.select("kind"), 42);
        assertEquals(List.of("kind", "size", "price"), List.of(synthetic.columns()));
        Dataset<?> history = (Dataset<?>) call(call(model, "summary"), "history");
        assertEquals(1, history.count());

        String path = directory.resolve("model").toString();
        call(call(call(model, "write"), "overwrite"), "save", path);
        assertEquals(call(model, "uid"), call(callStatic(CvaeModel.class, "load", path), "uid"));
    }

    @Test
    void aNumberForADoubleMustBeOne() {
        Object cvae = create(Cvae.class);
        call(cvae, "setBeta", 1.0);
        Py4JException refused = assertThrows(Py4JException.class, () -> call(cvae, "setBeta", 1));
        assertTrue(String.valueOf(refused.getMessage()).contains("setBeta"), refused::getMessage);
    }
}
