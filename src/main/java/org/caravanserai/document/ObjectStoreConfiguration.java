package org.caravanserai.document;

import org.apache.camel.CamelContext;
import org.caravanserai.HubProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses where documents are kept: in the configured bucket, else in a folder, with no class of an S3 client loaded. */
@Configuration(proxyBeanMethods = false)
class ObjectStoreConfiguration {

    @Bean
    ObjectStore objectStore(HubProperties hub, S3Properties s3, ObjectProvider<CamelContext> camel) {
        return s3.isUsed() ? S3Clients.store(s3, hub.home(), camel::getObject) : new FolderObjectStore(hub);
    }
}
