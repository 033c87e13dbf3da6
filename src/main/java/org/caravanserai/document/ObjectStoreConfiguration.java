package org.caravanserai.document;

import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.caravanserai.HubProperties;
import org.caravanserai.startup.StartupFailure;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.services.s3.S3Client;

/** Chooses where documents are kept: in the configured bucket, else in a folder, without a class of the S3 client loaded. */
@Configuration(proxyBeanMethods = false)
class ObjectStoreConfiguration {

    @Bean
    ObjectStore objectStore(HubProperties hub, S3Properties s3, ObjectProvider<CamelContext> camel) {
        return s3.isUsed() ? bucket(s3, hub.home(), camel) : new FolderObjectStore(hub);
    }

    private static ObjectStore bucket(S3Properties s3, Path home, ObjectProvider<CamelContext> camel) {
        S3Client client = S3Clients.client(s3);
        try {
            S3Clients.check(client, s3);
        } catch (StartupFailure unusable) {
            client.close();
            throw unusable;
        }
        Path scratch = home.resolve("uploads").toAbsolutePath().normalize();
        return new S3ObjectStore(client, s3.bucket(), scratch, camel::getObject);
    }
}
