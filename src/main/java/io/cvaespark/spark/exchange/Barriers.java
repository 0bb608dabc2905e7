package io.cvaespark.spark.exchange;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Barrier stages from Java: all tasks run at once, or none. */
public final class Barriers {
    private Barriers() {}

    /** A task's work over the elements of its partition. */
    public interface Work<A, B> extends Serializable {
        B run(java.util.Iterator<A> elements);
    }

    /** One result of {@code work} per partition. */
    public static <A, B> JavaRDD<B> map(RDD<A> rdd, Work<A, B> work) {
        ClassTag<B> tag = ClassTag$.MODULE$.apply(Object.class);
        Function1<Iterator<A>, Iterator<B>> perPartition =
                (Function1<Iterator<A>, Iterator<B>> & Serializable) elements -> CollectionConverters.asScala(
                        List.of(work.run(CollectionConverters.asJava(elements))).iterator());
        return rdd.barrier().mapPartitions(perPartition, false, tag).toJavaRDD();
    }
}
