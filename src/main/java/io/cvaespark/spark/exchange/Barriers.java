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

/** Barrier stages from Java: Spark starts all tasks of such a stage at once, or none. */
public final class Barriers {
    private Barriers() {}

    /** The work of a task on the elements of its partition. */
    public interface Work<A, B> extends Serializable {
        B compute(java.util.Iterator<A> elements);
    }

    /** Runs {@code work} on each partition and returns one result for each. */
    public static <A, B> JavaRDD<B> map(RDD<A> rdd, Work<A, B> work) {
        ClassTag<B> tag = ClassTag$.MODULE$.apply(Object.class);
        Function1<Iterator<A>, Iterator<B>> perPartition = (Function1<Iterator<A>, Iterator<B>> & Serializable)
                elements -> CollectionConverters.asScala(List.of(work.compute(CollectionConverters.asJava(elements)))
                        .iterator());
        return rdd.barrier().mapPartitions(perPartition, false, tag).toJavaRDD();
    }
}
