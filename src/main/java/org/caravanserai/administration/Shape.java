package org.caravanserai.administration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the record of {@link Bodies} that tells the API's document what a handler reads through {@link Fields}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Shape {

    Class<? extends Record> value();
}
