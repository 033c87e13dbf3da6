package org.caravanserai.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.caravanserai.CaravanseraiApplication;
import org.caravanserai.hostile.Pumped;
import org.junit.jupiter.api.Test;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;

/**
 * Texts from outside meet RE2/J, whose time grows with the text alone. java.util.regex backtracks, and is for what the
 * operator writes, and where it is bounded and cannot be done without.
 */
class PatternsTest {

    private static final String OPERATOR = "reads what the operator writes or the hub itself made";

    /** The classes that may use java.util.regex, and why. */
    private static final Map<String, String> ALLOWED = Map.ofEntries(
            Map.entry("model/PiiMask$Kind", "looks around, over forms of at most 600 characters"),
            Map.entry("model/PiiMask", "finds what PiiMask.Kind has"),
            Map.entry("model/PromptTemplate", OPERATOR),
            Map.entry("model/Prices", OPERATOR),
            Map.entry("model/Embeddings", OPERATOR),
            Map.entry("administration/ChannelRows", OPERATOR),
            Map.entry("administration/DeclaredFile", OPERATOR),
            Map.entry("document/S3Properties", OPERATOR),
            Map.entry("dryrun/DryRunEnvironment", OPERATOR),
            Map.entry("dryrun/HoldBack", OPERATOR),
            Map.entry("embedded/EarlierData", OPERATOR),
            Map.entry("embedded/PostgresServer", OPERATOR),
            Map.entry("evaluation/AnswerEvaluation", OPERATOR),
            Map.entry("evaluation/EvaluationEnvironment", OPERATOR),
            Map.entry("inbound/DoorRoutes", OPERATOR),
            Map.entry("outbound/whatsapp/WhatsappProperties", OPERATOR),
            Map.entry("retrieval/store/QdrantTable", OPERATOR),
            Map.entry("security/AdminKey", OPERATOR),
            Map.entry("startup/DatabaseFailureAnalyzer", OPERATOR));

    private static final Set<String> OF_STRING = Set.of("matches", "replaceAll", "replaceFirst", "split");
    private static final String PLAIN = "[^.$|()\\[{^?*+\\\\]";
    private static final int LOOKS_A_CHARACTER = 700;
    /** An operator's short text may be looked at by a loop in a loop, but by nothing worse. */
    private static final int OF_OPERATORS = 10_000;

    /** A use of java.util.regex. @param pattern null if it is not a constant */
    private record Use(String type, String pattern) {}

    @Test
    void onlyRe2MeetsTextsFromOutside() {
        Set<String> others = new TreeSet<>();
        uses().forEach(use -> {
            if (!ALLOWED.containsKey(use.type)) {
                others.add(use.type + " " + use.pattern);
            }
        });

        assertThat(others)
                .as("uses of java.util.regex: write com.google.re2j.Pattern, or say here why not")
                .isEmpty();
    }

    @Test
    void everyReasonIsStillNeeded() {
        Set<String> types = new TreeSet<>();
        uses().forEach(use -> types.add(use.type));

        assertThat(types).containsAll(ALLOWED.keySet());
    }

    /** Counted and not timed: how often a matcher looks at a character of the text. */
    @Test
    void theOthersLookAtEachCharacterABoundedNumberOfTimes() {
        Map<String, Set<String>> patterns = new TreeMap<>();
        uses().stream().filter(use -> use.pattern != null).forEach(use -> patterns.computeIfAbsent(
                        use.pattern, pattern -> new TreeSet<>())
                .add(use.type));
        assertThat(patterns).hasSizeGreaterThan(15);
        List<String> texts = Pumped.texts(2_000);
        patterns.forEach((pattern, types) -> {
            Pattern compiled = Pattern.compile(pattern);
            boolean isOperators = types.stream().map(ALLOWED::get).allMatch(OPERATOR::equals);
            int bound = isOperators ? OF_OPERATORS : LOOKS_A_CHARACTER;
            for (String text : texts) {
                Counted counted = new Counted(text, types + " " + pattern, bound);
                Matcher matcher = compiled.matcher(counted);
                while (matcher.find()) {
                    assertThat(matcher.end()).isLessThanOrEqualTo(text.length());
                }
                compiled.matcher(counted).matches();
            }
        });
    }

    /** A text that knows how often it was looked at, and has enough at some time. */
    private static final class Counted implements CharSequence {

        private final String text;
        private final String what;
        private final int bound;
        private long looks;

        private Counted(String text, String what, int bound) {
            this.bound = bound;
            this.text = text;
            this.what = what;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks > (long) bound * text.length()) {
                fail(what + " backtracks on " + text.substring(0, 60));
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static List<Use> uses() {
        List<Use> uses = new ArrayList<>();
        try {
            Path classes = Path.of(CaravanseraiApplication.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> files = Files.walk(classes.resolve("org/caravanserai"))) {
                for (Path file :
                        files.filter(name -> name.toString().endsWith(".class")).toList()) {
                    read(file, uses);
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
        return uses;
    }

    private static void read(Path file, List<Use> uses) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            ClassReader reader = new ClassReader(bytes);
            String type = reader.getClassName().substring("org/caravanserai/".length());
            reader.accept(
                    new ClassVisitor(SpringAsmInfo.ASM_VERSION) {
                        @Override
                        public MethodVisitor visitMethod(
                                int access, String name, String descriptor, String signature, String[] thrown) {
                            return new Calls(type, uses);
                        }
                    },
                    ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        }
    }

    /** The calls of one method, with the constant that was read last before each. */
    private static final class Calls extends MethodVisitor {

        private final String type;
        private final List<Use> uses;
        private String constant;

        private Calls(String type, List<Use> uses) {
            super(SpringAsmInfo.ASM_VERSION);
            this.type = type;
            this.uses = uses;
        }

        @Override
        public void visitLdcInsn(Object value) {
            boolean isReplacement = constant != null && value instanceof String && isRegex(constant);
            if (value instanceof String text && !isReplacement) {
                constant = text;
            }
        }

        /** With two constants in a row the first is the pattern, as in replaceAll. */
        private static boolean isRegex(String text) {
            return !text.matches("[\\w .,:'-]*");
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            call(owner, name, constant);
            constant = null;
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof Handle handle && handle.getTag() != Opcodes.H_GETFIELD) {
                    call(handle.getOwner(), handle.getName(), null);
                }
            }
        }

        private void call(String owner, String name, String pattern) {
            boolean isPattern = owner.equals("java/util/regex/Pattern")
                    && Set.of("compile", "matches").contains(name);
            boolean isString = owner.equals("java/lang/String")
                    && OF_STRING.contains(name)
                    && !(name.equals("split") && pattern != null && pattern.matches(PLAIN));
            if (isPattern || isString || owner.equals("java/util/Scanner")) {
                uses.add(new Use(type, pattern));
            }
        }
    }
}
