package org.caravanserai.security;

import java.util.Map;
import java.util.Set;
import javax.management.ObjectName;
import org.jolokia.server.core.service.api.Restrictor;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;
import org.springframework.stereotype.Component;

/**
 * What may be done with the MBeans of this process from outside: look at Camel and at how the JVM fares, start and stop
 * single routes. Nothing that runs code, writes files, shows settings or texts of contacts, or sends messages. What is not
 * named here is denied and hidden, so that an MBean which a library adds is no way in.
 */
@Component
class JolokiaPolicy implements Restrictor {

    private static final String CAMEL = "org.apache.camel";
    private static final Set<RequestType> TYPES =
            Set.of(RequestType.READ, RequestType.LIST, RequestType.SEARCH, RequestType.VERSION, RequestType.EXEC);
    private static final Set<String> DOMAINS = Set.of(CAMEL, "java.lang", "java.nio", "hawtio", "jolokia");

    /** Of the JVM's own description all but how it was started: arguments and system properties may hold keys. */
    private static final Set<String> OF_RUNTIME = Set.of(
            "Name",
            "Pid",
            "StartTime",
            "Uptime",
            "VmName",
            "VmVendor",
            "VmVersion",
            "SpecName",
            "SpecVendor",
            "SpecVersion");

    /** The tracer and the debugger: what they keep are texts of contacts. */
    private static final Set<String> UNSEEN_OF_CAMEL = Set.of("tracer");

    /**
     * By the {@code type} of Camel's MBeans. Routes are shown without the values of placeholders: the operations that can
     * put these in take arguments, and are others.
     */
    private static final Map<String, Set<String>> OPERATIONS = Map.of(
            "context",
            Set.of(
                    "dumpRoutesAsXml()",
                    "dumpRoutesAsYaml()",
                    "dumpRestsAsXml()",
                    "dumpRoutesStatsAsXml(boolean,boolean)",
                    "dumpRouteStatsAsJSon(boolean,boolean)",
                    "dumpStepStatsAsXml(boolean)",
                    "dumpRoutesCoverageAsXml()",
                    "dumpRouteTemplatesAsXml()",
                    "componentNames()",
                    "languageNames()",
                    "dataFormatNames()",
                    "routeIds()",
                    "routeGroups()",
                    "dumpStatsAsXml(boolean)",
                    "dumpStatsAsJSon(boolean)",
                    "reset()",
                    "reset(boolean)"),
            "routes",
            Set.of(
                    "start()",
                    "stop()",
                    "suspend()",
                    "resume()",
                    "restart()",
                    "dumpRouteAsXml()",
                    "dumpRouteAsYaml()",
                    "dumpRouteStatsAsXml(boolean,boolean)",
                    "dumpRouteStatsAsJSon(boolean,boolean)",
                    "dumpStepStatsAsXml(boolean)",
                    "dumpRouteSourceLocationsAsXml()",
                    "processorIds()",
                    "dumpStatsAsXml(boolean)",
                    "dumpStatsAsJSon(boolean)",
                    "reset()",
                    "reset(boolean)"),
            "processors",
            Set.of("dumpProcessorAsXml()", "dumpStatsAsXml(boolean)", "dumpStatsAsJSon(boolean)", "reset()"),
            "services",
            Set.of(
                    "endpointStatistics()",
                    "listRestServices()",
                    "listTypeConverters()",
                    "resetTypeConversionCounters()",
                    "browse()",
                    "size()",
                    "resetStatistics()"),
            "health",
            Set.of("details()"));

    /** Operations without another of the same name, which Hawtio calls without their signature. */
    private static final Map<String, String> SIGNATURES = Map.of(
            "dumpRoutesStatsAsXml", "dumpRoutesStatsAsXml(boolean,boolean)",
            "dumpRouteStatsAsXml", "dumpRouteStatsAsXml(boolean,boolean)",
            "dumpStatsAsXml", "dumpStatsAsXml(boolean)",
            "dumpStatsAsJSon", "dumpStatsAsJSon(boolean)");

    @Override
    public boolean isHttpMethodAllowed(HttpMethod method) {
        return method == HttpMethod.POST;
    }

    @Override
    public boolean isTypeAllowed(RequestType type) {
        return TYPES.contains(type);
    }

    @Override
    public boolean isAttributeReadAllowed(ObjectName name, String attribute) {
        return isSeen(name) && (!isRuntime(name) || OF_RUNTIME.contains(attribute));
    }

    @Override
    public boolean isAttributeWriteAllowed(ObjectName name, String attribute) {
        return false;
    }

    /** Not by a pattern: Jolokia asks for the pattern alone, and not for the MBeans that it matches. */
    @Override
    public boolean isOperationAllowed(ObjectName name, String operation) {
        if (name.isPattern() || !CAMEL.equals(name.getDomain()) || !isSeen(name)) {
            return false;
        }
        String compact = operation.replace(" ", "");
        String signature = SIGNATURES.getOrDefault(compact, compact.endsWith(")") ? compact : compact + "()");
        return OPERATIONS.getOrDefault(type(name), Set.of()).contains(signature);
    }

    /** Who may come at all is decided before Jolokia is reached. */
    @Override
    public boolean isRemoteAccessAllowed(String... hostOrAddress) {
        return true;
    }

    /** Origins are checked before Jolokia is reached; to a browser it says of none that it may read answers. */
    @Override
    public boolean isOriginAllowed(String origin, boolean onlyWhenStrict) {
        return onlyWhenStrict;
    }

    @Override
    public boolean isObjectNameHidden(ObjectName name) {
        return !isSeen(name);
    }

    /** A proxy in front may well speak TLS where the hub does not. */
    @Override
    public boolean ignoreScheme() {
        return true;
    }

    private static boolean isSeen(ObjectName name) {
        return DOMAINS.contains(name.getDomain())
                && !(CAMEL.equals(name.getDomain()) && UNSEEN_OF_CAMEL.contains(type(name)));
    }

    private static boolean isRuntime(ObjectName name) {
        return "java.lang".equals(name.getDomain()) && "Runtime".equals(type(name));
    }

    private static String type(ObjectName name) {
        String type = name.getKeyProperty("type");
        return type == null ? "" : type;
    }
}
