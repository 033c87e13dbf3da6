package org.caravanserai.conversation;
import java.util.*;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
@Component
public class ConversationViews { public Optional<Map<String,Object>> find(JdbcClient j, UUID id) { return j.sql("select id,status from conversations where id=?").param(id).query().listOfRows().stream().findFirst(); } }
